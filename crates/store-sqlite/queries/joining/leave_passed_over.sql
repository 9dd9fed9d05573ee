DELETE FROM passed_over WHERE player_id = ?1
