-- The first event from a number on, with when it was applied.
SELECT event_no, applied_at FROM events WHERE event_no >= ?1 ORDER BY event_no LIMIT 1
