UPDATE quarantine SET discarded_at = ?6, note = ?7
WHERE (?1 IS NULL OR COALESCE(event_type, '') = ?1)
  AND (?2 IS NULL OR code = ?2)
  AND (?3 IS NULL OR player_id = ?3)
  AND received_at >= ?4 AND received_at < ?5
  AND (?8 IS NULL OR quarantine_no = ?8)
  AND discarded_at IS NULL
