SELECT part::bigint, state FROM scoreline.player_analytics
WHERE slot = $1 AND player_id = $2
ORDER BY part
