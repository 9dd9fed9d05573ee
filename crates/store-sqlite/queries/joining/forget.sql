DELETE FROM moved_players WHERE moved_to = ?1
