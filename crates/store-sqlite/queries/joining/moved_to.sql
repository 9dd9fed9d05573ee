SELECT moved_to FROM moved_players WHERE player_id = ?1
