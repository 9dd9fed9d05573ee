-- A rare type would be looked for through all of history, so only the last ?5 events are looked at.
SELECT e.event_time, e.event_id, p.player_id, e.event_type, e.received_at, e.counted_at, e.content,
       e.payload, e.applied_at, e.event_no
FROM events e CROSS JOIN player_numbers p ON p.player_no = e.player_no
WHERE e.event_no > (SELECT max(event_no) FROM events) - ?5
  AND e.event_time >= ?1 AND e.event_time < ?2 AND (?3 IS NULL OR e.event_type = ?3)
ORDER BY e.event_no DESC
LIMIT ?4
