-- Of some players on some boards. Who is on none is left out.
SELECT k.slot, k.period, k.player_id, e.points, e.reached_at, e.attempts
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS k (slot, period, player_id)
JOIN scoreline.board_entries e
    ON e.slot = k.slot AND e.period = k.period AND e.player_id = k.player_id
