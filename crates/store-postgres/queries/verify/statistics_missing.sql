SELECT s.slot, s.player_id, '', s.value::text
FROM pg_temp.player_statistics s
LEFT JOIN scoreline.player_statistics m ON m.player_id = s.player_id AND m.slot = s.slot
WHERE s.slot IN (SELECT slot FROM pg_temp.compared) AND m.slot IS NULL
