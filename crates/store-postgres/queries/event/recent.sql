-- A type that is a pattern stands in the text as it was sent.
-- A rare type would be looked for through all of history, so only the last $5 events are looked at, and no more of
-- them than it takes: both orders are one, that of the index by application.
SELECT e.event_time, e.event_id, e.player_id, e.event_type, e.received_at, e.counted_at, e.content,
       CASE WHEN $6::bigint > 0 THEN left(e.payload, ($6::bigint)::integer)
            WHEN e.event_type LIKE '%*' THEN left(e.payload, 1000)
            ELSE '' END,
       e.applied_at
FROM (
    SELECT * FROM scoreline.events ORDER BY applied_at DESC, event_id DESC, player_id DESC LIMIT $5
) e
WHERE e.event_time >= $1 AND e.event_time < $2 AND ($3::text IS NULL OR e.event_type = $3)
ORDER BY e.applied_at DESC, e.event_id DESC, e.player_id DESC
LIMIT $4
