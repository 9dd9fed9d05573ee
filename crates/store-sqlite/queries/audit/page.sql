SELECT audit_no, at, who, key_id, address, what, target, note, before, after
FROM audit_log
WHERE audit_no < ?1
  AND at >= ?2 AND at < ?3
  AND (?4 IS NULL OR who = ?4)
  AND (?5 IS NULL OR what = ?5)
  AND (?6 IS NULL OR target = ?6)
ORDER BY audit_no DESC
LIMIT ?7
