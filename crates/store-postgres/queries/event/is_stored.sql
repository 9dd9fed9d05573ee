SELECT 1 FROM scoreline.events WHERE event_time = $1 AND event_id = $2
