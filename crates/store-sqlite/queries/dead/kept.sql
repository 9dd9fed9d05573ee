-- What the dead event says that holds a key.
SELECT event_type, content, payload FROM dead_events WHERE player_id = ?1 AND event_id = ?2
