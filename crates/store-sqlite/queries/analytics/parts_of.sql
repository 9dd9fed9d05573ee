SELECT part, state FROM player_state
WHERE slot = ?1 AND player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?2)
ORDER BY part
