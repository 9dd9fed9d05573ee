SELECT m.slot, m.player_id, CAST(m.value AS TEXT), coalesce(CAST(s.value AS TEXT), '')
FROM main.player_statistics m
LEFT JOIN temp.player_statistics s ON s.player_id = m.player_id AND s.slot = m.slot
WHERE m.slot IN (SELECT slot FROM compared) AND m.value IS NOT s.value
