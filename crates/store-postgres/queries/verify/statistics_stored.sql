SELECT m.slot, m.player_id, m.value::text, coalesce(s.value::text, '')
FROM scoreline.player_statistics m
LEFT JOIN pg_temp.player_statistics s ON s.player_id = m.player_id AND s.slot = m.slot
WHERE m.slot IN (SELECT slot FROM pg_temp.compared) AND m.value IS DISTINCT FROM s.value
