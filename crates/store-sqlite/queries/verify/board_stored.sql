-- Stored rows that count an event and that the raw events do not give, or give otherwise.
SELECT m.slot, m.period, m.player_id,
    m.points, m.reached_at, m.attempts, m.last_at, m.sum_0, m.sum_1, m.sum_2, m.sum_3, m.taken_back,
    m.last_id,
    s.points, s.reached_at, s.attempts, s.last_at, s.sum_0, s.sum_1, s.sum_2, s.sum_3, s.taken_back,
    s.last_id
FROM main.board_entries m
LEFT JOIN temp.board_entries s
    ON s.slot = m.slot AND s.period = m.period AND s.player_id = m.player_id
WHERE m.slot IN (SELECT slot FROM compared)
  AND (s.slot IS NULL AND m.attempts > 0
    OR s.slot IS NOT NULL AND (m.points, m.reached_at, m.attempts, m.last_at, m.last_id, m.sum_0, m.sum_1, m.sum_2, m.sum_3, m.beyond)
    IS NOT (s.points, s.reached_at, s.attempts, s.last_at, s.last_id, s.sum_0, s.sum_1, s.sum_2, s.sum_3, s.beyond))
