-- Parts of players that the raw events give and that are not stored.
SELECT s.slot, json_build_array(s.player_id, s.part)::text, '', encode(s.state, 'hex')
FROM pg_temp.player_analytics s
LEFT JOIN scoreline.player_analytics m
    ON m.slot = s.slot AND m.player_id = s.player_id AND m.part = s.part
WHERE s.slot IN (SELECT slot FROM pg_temp.compared) AND m.slot IS NULL
