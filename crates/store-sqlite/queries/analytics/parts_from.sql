SELECT state FROM player_analytics WHERE slot = ?1 AND player_id = ?2 AND part = ?3
