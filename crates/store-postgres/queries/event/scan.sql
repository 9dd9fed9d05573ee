-- The time of application chooses the part of the index; the rest decides between equal ones.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content, payload,
       applied_at
FROM scoreline.events
WHERE (applied_at, event_id, player_id) > ($1, $2, $3)
  AND event_time >= $4 AND event_time < $5 AND ($6::text IS NULL OR event_type = $6)
ORDER BY applied_at, event_id, player_id
LIMIT $7
