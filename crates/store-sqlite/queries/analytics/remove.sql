DELETE FROM player_state WHERE slot = ?1 AND player_no = ?2 AND part = ?3
