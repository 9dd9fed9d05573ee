DELETE FROM scoreline.dead_events d
USING unnest($1::bigint[], $2::uuid[]) AS k (event_time, event_id)
WHERE d.event_time = k.event_time AND d.event_id = k.event_id
RETURNING d.discarded_at
