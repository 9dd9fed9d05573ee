-- What the event says that holds a key.
SELECT event_type, content, payload FROM events WHERE player_no = ?1 AND event_id = ?2
