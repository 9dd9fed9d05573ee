-- In the order of application, through its index. The few that were applied before the bound but
-- happened after it stay, and are passed over again.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content, payload,
       applied_at
FROM scoreline.events
WHERE applied_at < $1 AND received_at < $1 AND coalesce(counted_at, event_time) < $1
ORDER BY applied_at
LIMIT $2
