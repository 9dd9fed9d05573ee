DELETE FROM scoreline.events e
USING unnest($1::bigint[], $2::uuid[]) AS k (event_time, event_id)
WHERE e.event_time = k.event_time AND e.event_id = k.event_id
