-- A rare type would be looked for through all of history. The first receipt that is looked at
-- comes out of the index alone.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, payload, applied_at
FROM scoreline.events
WHERE received_at >= coalesce(
        (SELECT received_at FROM scoreline.events ORDER BY received_at DESC LIMIT 1 OFFSET $5),
        -9223372036854775808
    )
  AND event_time >= $1 AND event_time < $2 AND ($3::text IS NULL OR event_type = $3)
ORDER BY received_at DESC, event_time DESC, event_id DESC
LIMIT $4
