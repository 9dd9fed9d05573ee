-- A rare type would be looked for through all of history. The first application that is looked at
-- comes out of the index alone.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content, payload,
       applied_at
FROM scoreline.events
WHERE applied_at >= coalesce(
        (SELECT applied_at FROM scoreline.events ORDER BY applied_at DESC LIMIT 1 OFFSET $5),
        -9223372036854775808
    )
  AND event_time >= $1 AND event_time < $2 AND ($3::text IS NULL OR event_type = $3)
ORDER BY applied_at DESC, event_id DESC, player_id DESC
LIMIT $4
