-- In the order of receipt, through its index. The few that were received before the bound but
-- happened after it stay, and are passed over again.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, payload, applied_at
FROM scoreline.events
WHERE received_at < $1 AND coalesce(counted_at, event_time) < $1
ORDER BY received_at
LIMIT $2
