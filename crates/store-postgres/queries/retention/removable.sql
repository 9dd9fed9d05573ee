-- What waits for review stays, as it may still count.
-- Locked, as a copy may come that lets one of them count as of an earlier receipt.
-- In the order of application, through its index. The few that were applied before the bound but
-- happened after it stay, and are passed over again.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content, payload,
       applied_at
FROM scoreline.events
WHERE applied_at < $1 AND received_at < $1 AND coalesce(counted_at, event_time) < $1
  AND NOT EXISTS (
      SELECT 1 FROM scoreline.reviews r
      WHERE r.player_id = events.player_id AND r.event_id = events.event_id AND r.decided_at IS NULL
  )
ORDER BY applied_at
LIMIT $2
FOR UPDATE OF events
