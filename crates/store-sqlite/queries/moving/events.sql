-- As other stores know an event: its player by id, its payload as text.
SELECT p.player_id, e.event_id, e.event_time, s.event_type, e.received_at, e.counted_at,
       e.applied_at, e.content, payload_of(s.names, e.payload) AS payload
FROM events e CROSS JOIN player_numbers p ON p.player_no = e.player_no
    CROSS JOIN payload_shapes s ON s.shape_no = e.shape_no
ORDER BY e.event_no
