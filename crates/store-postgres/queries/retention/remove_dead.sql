DELETE FROM scoreline.dead_events WHERE discarded_at < $1
