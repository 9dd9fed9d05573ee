-- Only the newest numbers, so that it costs no more however much is in quarantine.
SELECT code, COALESCE(event_type, ''), COUNT(*), COUNT(DISTINCT player_id), MAX(received_at)
FROM quarantine
WHERE quarantine_no > (SELECT COALESCE(MAX(quarantine_no), 0) FROM quarantine) - ?2
  AND (discarded_at IS NOT NULL) = ?1
GROUP BY code, COALESCE(event_type, '')
ORDER BY COUNT(*) DESC, code, COALESCE(event_type, '')
LIMIT ?3
