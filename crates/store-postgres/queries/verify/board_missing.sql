-- Rows that the raw events give and that are not stored.
SELECT s.slot, json_build_array(s.period, s.player_id)::text, '',
    json_build_array(s.points, s.reached_at, s.attempts, s.last_at, s.last_id,
        s.sum_0, s.sum_1, s.sum_2, s.sum_3)::text
FROM pg_temp.board_entries s
LEFT JOIN scoreline.board_entries m
    ON m.slot = s.slot AND m.period = s.period AND m.player_id = s.player_id
WHERE s.slot IN (SELECT slot FROM pg_temp.compared) AND m.slot IS NULL
