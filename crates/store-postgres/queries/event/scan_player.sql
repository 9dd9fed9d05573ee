-- The bare times choose the days; the keys choose within the first of them.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, payload, applied_at
FROM scoreline.events
WHERE player_id = $6
  AND event_time >= $1 AND (event_time, event_id) > ($1, $2) AND event_time < $3 AND ($4::text IS NULL OR event_type = $4)
ORDER BY event_time, event_id
LIMIT $5
