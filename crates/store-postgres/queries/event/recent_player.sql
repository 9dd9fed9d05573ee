-- A type that is a pattern stands in the text as it was sent.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content,
       CASE WHEN $6::bigint > 0 THEN left(payload, ($6::bigint)::integer)
            WHEN event_type LIKE '%*' THEN left(payload, 1000)
            ELSE '' END,
       applied_at
FROM scoreline.events
WHERE player_id = $5
  AND event_time >= $1 AND event_time < $2 AND ($3::text IS NULL OR event_type = $3)
ORDER BY applied_at DESC, event_id DESC
LIMIT $4
