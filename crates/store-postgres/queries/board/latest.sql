-- A sum beyond 64 bits, and what comes to one, is written by board/put.sql.
-- The event with the last (time, id) wins; what decides beyond that makes the order total. In the
-- order of players, as board/add.sql.
INSERT INTO scoreline.board_entries AS known (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id, sum_0, sum_1, sum_2, sum_3
)
SELECT * FROM unnest(
    $1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[]
)
ON CONFLICT (slot, period, player_id) DO UPDATE SET
    points = CASE
        WHEN (excluded.last_at, excluded.last_id, excluded.points, excluded.reached_at)
            > (known.last_at, known.last_id, known.points, known.reached_at)
        THEN excluded.points ELSE known.points
    END,
    reached_at = CASE
        WHEN (excluded.last_at, excluded.last_id, excluded.points, excluded.reached_at)
            > (known.last_at, known.last_id, known.points, known.reached_at)
        THEN excluded.reached_at ELSE known.reached_at
    END,
    last_id = CASE
        WHEN (excluded.last_at, excluded.last_id, excluded.points, excluded.reached_at)
            > (known.last_at, known.last_id, known.points, known.reached_at)
        THEN excluded.last_id ELSE known.last_id
    END,
    attempts = known.attempts + excluded.attempts,
    last_at = greatest(known.last_at, excluded.last_at),
    sum_0 = known.sum_0 + excluded.sum_0,
    sum_1 = known.sum_1 + excluded.sum_1,
    sum_2 = known.sum_2 + excluded.sum_2,
    sum_3 = known.sum_3 + excluded.sum_3
WHERE known.beyond IS NULL
  AND abs(known.sum_0::float8 + excluded.sum_0::float8) < 9.2e18
  AND abs(known.sum_1::float8 + excluded.sum_1::float8) < 9.2e18
  AND abs(known.sum_2::float8 + excluded.sum_2::float8) < 9.2e18
  AND abs(known.sum_3::float8 + excluded.sum_3::float8) < 9.2e18
RETURNING slot, period, player_id, points, reached_at, attempts, last_at, sum_0, sum_1, sum_2, sum_3, taken_back
