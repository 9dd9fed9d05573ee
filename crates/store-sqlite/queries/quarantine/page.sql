-- A long text lies apart, and is read only where it is wanted.
SELECT quarantine_no, digest, item_index, event_type, player_id, event_id, code, field,
       message, received_at, sent_at, occurrence,
       CASE WHEN ?10 IS NULL THEN raw
            WHEN ?10 = 0 THEN ''
            ELSE substr(raw, 1, ?10) END,
       times_seen, discarded_at, note, sent_by
FROM quarantine
WHERE quarantine_no > ?6
  AND (?1 IS NULL OR COALESCE(event_type, '') = ?1)
  AND (?2 IS NULL OR code = ?2)
  AND (?3 IS NULL OR player_id = ?3)
  AND received_at >= ?4 AND received_at < ?5
  AND (discarded_at IS NOT NULL) = ?7
  AND (?9 IS NULL OR quarantine_no = ?9)
ORDER BY quarantine_no
LIMIT ?8
