DELETE FROM player_numbers WHERE player_id = ?1
