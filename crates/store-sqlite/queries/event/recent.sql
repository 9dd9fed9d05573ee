-- A type that is a pattern stands in the text as it was sent.
-- A rare type would be looked for through all of history, so only the last ?5 events are looked at.
SELECT e.event_time, e.event_id, p.player_id, s.event_type, e.received_at, e.counted_at, e.content,
       CASE WHEN ?6 > 0 THEN substr(payload_of(s.names, e.payload), 1, ?6)
            WHEN s.event_type LIKE '%*' THEN substr(payload_of(s.names, e.payload), 1, 1000)
            ELSE '' END,
       e.applied_at, e.event_no
FROM events e CROSS JOIN player_numbers p ON p.player_no = e.player_no
    CROSS JOIN payload_shapes s ON s.shape_no = e.shape_no
WHERE e.event_no > (SELECT max(event_no) FROM events) - ?5
  AND e.event_time >= ?1 AND e.event_time < ?2 AND (?3 IS NULL OR s.event_type = ?3)
ORDER BY e.event_no DESC
LIMIT ?4
