-- Entries are merged by the statement that writes them, here and in best.sql and latest.sql, not by core as statistics
-- are: they are the most rows that a batch changes, and reading them first would be a second walk down the tree for
-- each. Core's fold merges by the same rules, and the conformance suite compares the two.
-- A sum beyond 64 bits, and what comes to one, is written by board/put.sql.
-- Points add up. A sum beyond 64 bits becomes REAL, which the strict table refuses.
INSERT INTO board_entries (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id, sum_0, sum_1, sum_2, sum_3
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (slot, period, player_id) DO UPDATE SET
    points = points + excluded.points,
    reached_at = max(reached_at, excluded.reached_at),
    attempts = attempts + excluded.attempts,
    last_at = max(last_at, excluded.last_at),
    sum_0 = sum_0 + excluded.sum_0,
    sum_1 = sum_1 + excluded.sum_1,
    sum_2 = sum_2 + excluded.sum_2,
    sum_3 = sum_3 + excluded.sum_3
WHERE beyond IS NULL
RETURNING points, reached_at, attempts, last_at, sum_0, sum_1, sum_2, sum_3, taken_back
