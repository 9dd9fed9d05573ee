-- The plus sign keeps the order from choosing the way: that is the index by player.
SELECT e.event_time, e.event_id, p.player_id, s.event_type, e.received_at, e.counted_at, e.content,
       payload_of(s.names, e.payload), e.applied_at, e.event_no
FROM player_numbers p CROSS JOIN events e ON e.player_no = p.player_no
    CROSS JOIN payload_shapes s ON s.shape_no = e.shape_no
WHERE p.player_id = ?6 AND +e.event_no > ?1
  AND e.event_time >= ?2 AND e.event_time < ?3 AND (?4 IS NULL OR s.event_type = ?4)
ORDER BY e.event_no
LIMIT ?5
