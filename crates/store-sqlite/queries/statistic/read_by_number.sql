SELECT slots, amounts FROM player_state WHERE player_no = ?1 AND slot = 0 AND part = 0
