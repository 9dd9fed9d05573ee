-- A whole row, in place of what is there. Where another transaction made it meanwhile, it is newer than that one.
INSERT INTO scoreline.board_entries AS known (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id, sum_0, sum_1, sum_2, sum_3, taken_back, beyond
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (slot, period, player_id) DO UPDATE SET
    points = excluded.points,
    reached_at = excluded.reached_at,
    attempts = excluded.attempts,
    last_at = excluded.last_at,
    last_id = excluded.last_id,
    sum_0 = excluded.sum_0,
    sum_1 = excluded.sum_1,
    sum_2 = excluded.sum_2,
    sum_3 = excluded.sum_3,
    beyond = excluded.beyond,
    taken_back = greatest(excluded.taken_back, known.attempts + known.taken_back + 1 - excluded.attempts)
