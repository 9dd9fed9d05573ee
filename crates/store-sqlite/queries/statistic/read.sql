SELECT slots, amounts FROM player_state
WHERE player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?1) AND slot = 0 AND part = 0
