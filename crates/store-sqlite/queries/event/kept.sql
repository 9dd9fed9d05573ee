-- What the event says that holds a key.
SELECT s.event_type, e.content, payload_of(s.names, e.payload), e.received_at
FROM events e CROSS JOIN payload_shapes s ON s.shape_no = e.shape_no
WHERE e.player_no = ?1 AND e.event_id = ?2
