-- A sum beyond 64 bits, and what comes to one, is written by board/put.sql.
-- The event with the last (time, id) wins; what decides beyond that makes the order total.
INSERT INTO board_entries (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id, sum_0, sum_1, sum_2, sum_3
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (slot, period, player_id) DO UPDATE SET
    points = iif((excluded.last_at, excluded.last_id, excluded.points, excluded.reached_at)
            > (last_at, last_id, points, reached_at), excluded.points, points),
    reached_at = iif((excluded.last_at, excluded.last_id, excluded.points, excluded.reached_at)
            > (last_at, last_id, points, reached_at), excluded.reached_at, reached_at),
    last_id = iif((excluded.last_at, excluded.last_id, excluded.points, excluded.reached_at)
            > (last_at, last_id, points, reached_at), excluded.last_id, last_id),
    attempts = attempts + excluded.attempts,
    last_at = max(last_at, excluded.last_at),
    sum_0 = sum_0 + excluded.sum_0,
    sum_1 = sum_1 + excluded.sum_1,
    sum_2 = sum_2 + excluded.sum_2,
    sum_3 = sum_3 + excluded.sum_3
WHERE beyond IS NULL
RETURNING points, reached_at, attempts, last_at, sum_0, sum_1, sum_2, sum_3, taken_back
