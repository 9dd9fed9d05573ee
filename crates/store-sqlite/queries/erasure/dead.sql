DELETE FROM dead_events WHERE player_id = ?1 RETURNING discarded_at
