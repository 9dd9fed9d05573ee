-- Of some players on some boards. Who is on none is left out. OFFSET keeps the planner from reading
-- and hashing the whole table where thousands are asked for.
SELECT k.slot, k.period, k.player_id, e.points, e.reached_at, e.attempts
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (slot, period, player_id)
CROSS JOIN LATERAL (
    SELECT b.points, b.reached_at, b.attempts FROM scoreline.board_entries b
    WHERE b.slot = k.slot AND b.period = k.period AND b.player_id = k.player_id
    OFFSET 0
) e
