DELETE FROM dead_events WHERE player_id = ?1 AND event_id = ?2 RETURNING discarded_at
