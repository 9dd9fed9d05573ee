-- In the order of application, which ends before ?3. The few that were applied before the bound but
-- happened after it stay, and are passed over again.
SELECT e.event_time, e.event_id, p.player_id, e.event_type, e.received_at, e.counted_at, e.content,
       e.payload, e.applied_at, e.event_no
FROM events e CROSS JOIN player_numbers p ON p.player_no = e.player_no
WHERE e.event_no < ?3 AND e.received_at < ?1 AND coalesce(e.counted_at, e.event_time) < ?1
ORDER BY e.event_no
LIMIT ?2
