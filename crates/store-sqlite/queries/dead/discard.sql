UPDATE dead_events SET discarded_at = ?6, note = ?7
WHERE event_time >= ?1 AND event_time < ?2
  AND (?3 IS NULL OR event_type = ?3)
  AND (?4 IS NULL OR player_id = ?4)
  AND (?5 IS NULL OR instr(reason, ?5) > 0)
  AND (?8 IS NULL OR dead_no = ?8)
  AND discarded_at IS NULL
