-- As other stores know an event: its player by id, its payload as text.
SELECT p.player_id, e.event_id, e.event_time, e.event_type, e.received_at, e.counted_at,
       e.applied_at, e.content, e.payload
FROM events e CROSS JOIN player_numbers p ON p.player_no = e.player_no
ORDER BY e.event_no
