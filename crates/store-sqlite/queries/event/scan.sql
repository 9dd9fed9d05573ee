SELECT e.event_time, e.event_id, p.player_id, s.event_type, e.received_at, e.counted_at, e.content,
       payload_of(s.names, e.payload), e.applied_at, e.event_no
FROM events e CROSS JOIN player_numbers p ON p.player_no = e.player_no
    CROSS JOIN payload_shapes s ON s.shape_no = e.shape_no
WHERE e.event_no > ?1
  AND e.event_time >= ?2 AND e.event_time < ?3 AND (?4 IS NULL OR s.event_type = ?4)
ORDER BY e.event_no
LIMIT ?5
