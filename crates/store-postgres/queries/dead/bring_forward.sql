UPDATE scoreline.dead_events SET event_time = $3, received_at = $4, counted_at = $5
WHERE player_id = $1 AND event_id = $2
