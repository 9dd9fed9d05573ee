SELECT part, state FROM player_analytics
WHERE slot = ?1 AND player_id = ?2
ORDER BY part
