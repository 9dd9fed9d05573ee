-- A sum beyond 64 bits, and what comes to one, is written by board/put.sql.
-- The best points win; among equal ones, the first to reach them.
INSERT INTO board_entries (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id, sum_0, sum_1, sum_2, sum_3
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (slot, period, player_id) DO UPDATE SET
    reached_at = CASE
        WHEN excluded.points > points THEN excluded.reached_at
        WHEN excluded.points = points THEN min(reached_at, excluded.reached_at)
        ELSE reached_at
    END,
    points = max(points, excluded.points),
    attempts = attempts + excluded.attempts,
    last_at = max(last_at, excluded.last_at),
    sum_0 = sum_0 + excluded.sum_0,
    sum_1 = sum_1 + excluded.sum_1,
    sum_2 = sum_2 + excluded.sum_2,
    sum_3 = sum_3 + excluded.sum_3
WHERE beyond IS NULL
RETURNING points, reached_at, attempts, last_at, sum_0, sum_1, sum_2, sum_3, taken_back
