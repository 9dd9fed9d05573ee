-- Only the newest numbers, so that it costs no more however many are dead.
SELECT reason, event_type, COUNT(*), COUNT(DISTINCT player_id), MAX(died_at)
FROM dead_events
WHERE dead_no > (SELECT COALESCE(MAX(dead_no), 0) FROM dead_events) - ?1
  AND discarded_at IS NULL
GROUP BY reason, event_type
ORDER BY COUNT(*) DESC, reason, event_type
LIMIT ?2
