-- A long text lies apart, and is read only where it is wanted.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content,
       CASE WHEN ?10 IS NULL THEN payload
            WHEN ?10 = 0 THEN ''
            ELSE substr(payload, 1, ?10) END,
       reason, attempts, died_at, discarded_at, note, dead_no, sent_by
FROM dead_events
WHERE dead_no > ?6
  AND event_time >= ?1 AND event_time < ?2
  AND (?3 IS NULL OR event_type = ?3)
  AND (?4 IS NULL OR player_id = ?4)
  AND (?5 IS NULL OR instr(reason, ?5) > 0)
  AND (discarded_at IS NOT NULL) = ?7
  AND (?9 IS NULL OR dead_no = ?9)
ORDER BY dead_no
LIMIT ?8
