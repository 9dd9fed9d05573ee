DELETE FROM player_state
WHERE slot = ?3 AND player_no IN (SELECT player_no FROM player_numbers WHERE player_id > ?1 AND player_id <= ?2)
