-- Rows that the raw events give and that are not stored; columns as in board_stored.sql.
SELECT s.slot, s.period, s.player_id,
    m.points, m.reached_at, m.attempts, m.last_at, m.sum_0, m.sum_1, m.sum_2, m.sum_3, m.taken_back,
    m.last_id,
    s.points, s.reached_at, s.attempts, s.last_at, s.sum_0, s.sum_1, s.sum_2, s.sum_3, s.taken_back,
    s.last_id
FROM temp.board_entries s
LEFT JOIN main.board_entries m
    ON m.slot = s.slot AND m.period = s.period AND m.player_id = s.player_id
WHERE s.slot IN (SELECT slot FROM compared) AND m.slot IS NULL
