DELETE FROM dead_events WHERE discarded_at < ?1
