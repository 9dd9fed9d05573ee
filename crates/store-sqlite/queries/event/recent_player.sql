SELECT e.event_time, e.event_id, p.player_id, e.event_type, e.received_at, e.counted_at, e.content,
       e.payload, e.applied_at, e.event_no
FROM player_numbers p CROSS JOIN events e ON e.player_no = p.player_no
WHERE p.player_id = ?5
  AND e.event_time >= ?1 AND e.event_time < ?2 AND (?3 IS NULL OR e.event_type = ?3)
ORDER BY e.event_no DESC
LIMIT ?4
