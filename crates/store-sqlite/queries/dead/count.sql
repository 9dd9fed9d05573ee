SELECT COUNT(*)
FROM dead_events
WHERE event_time >= ?1 AND event_time < ?2
  AND (?3 IS NULL OR event_type = ?3)
  AND (?4 IS NULL OR player_id = ?4)
  AND (?5 IS NULL OR instr(reason, ?5) > 0)
  AND (discarded_at IS NOT NULL) = ?6
  AND (?7 IS NULL OR dead_no = ?7)
