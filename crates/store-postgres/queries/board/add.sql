-- Entries are merged by the statement that writes them, here and in best.sql and latest.sql, not by core as statistics
-- are, and as SQLite's are: they are the most rows that a batch changes, and reading and locking them first would be another
-- round trip while others wait for those rows. Core's fold merges by the same rules, and the conformance suite compares the two.
-- A sum beyond 64 bits, and what comes to one, is written by board/put.sql.
-- Points add up. Rows come in the order of players, then
-- boards: writers that lock in one order cannot deadlock.
INSERT INTO scoreline.board_entries AS known (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id, sum_0, sum_1, sum_2, sum_3
)
SELECT * FROM unnest(
    $1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]
)
ON CONFLICT (slot, period, player_id) DO UPDATE SET
    points = known.points + excluded.points,
    reached_at = greatest(known.reached_at, excluded.reached_at),
    attempts = known.attempts + excluded.attempts,
    last_at = greatest(known.last_at, excluded.last_at),
    sum_0 = known.sum_0 + excluded.sum_0,
    sum_1 = known.sum_1 + excluded.sum_1,
    sum_2 = known.sum_2 + excluded.sum_2,
    sum_3 = known.sum_3 + excluded.sum_3
WHERE known.beyond IS NULL
  AND abs(known.points::float8 + excluded.points::float8) < 9.2e18
  AND abs(known.sum_0::float8 + excluded.sum_0::float8) < 9.2e18
  AND abs(known.sum_1::float8 + excluded.sum_1::float8) < 9.2e18
  AND abs(known.sum_2::float8 + excluded.sum_2::float8) < 9.2e18
  AND abs(known.sum_3::float8 + excluded.sum_3::float8) < 9.2e18
RETURNING slot, period, player_id, points, reached_at, attempts, last_at, sum_0, sum_1, sum_2, sum_3, taken_back
