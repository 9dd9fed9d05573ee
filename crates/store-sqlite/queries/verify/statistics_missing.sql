SELECT s.slot, s.player_id, '', CAST(s.value AS TEXT)
FROM temp.player_statistics s
LEFT JOIN main.player_statistics m ON m.player_id = s.player_id AND m.slot = s.slot
WHERE s.slot IN (SELECT slot FROM compared) AND m.slot IS NULL
