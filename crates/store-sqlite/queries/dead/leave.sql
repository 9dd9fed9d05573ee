DELETE FROM dead_events WHERE event_time = ?1 AND event_id = ?2 RETURNING discarded_at
