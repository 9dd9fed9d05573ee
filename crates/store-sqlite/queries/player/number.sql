SELECT player_no FROM player_numbers WHERE player_id = ?1
