-- What waits for review stays, as it may still count.
-- In the order of application, which ends before ?3. The few that were applied before the bound but
-- happened after it stay, and are passed over again.
SELECT e.event_time, e.event_id, p.player_id, s.event_type, e.received_at, e.counted_at, e.content,
       payload_of(s.names, e.payload), e.applied_at, e.event_no
FROM events e CROSS JOIN player_numbers p ON p.player_no = e.player_no
    CROSS JOIN payload_shapes s ON s.shape_no = e.shape_no
WHERE e.event_no < ?3 AND e.received_at < ?1 AND coalesce(e.counted_at, e.event_time) < ?1
  AND NOT EXISTS (
      SELECT 1 FROM reviews r
      WHERE r.player_id = p.player_id AND r.event_id = e.event_id AND r.decided_at IS NULL
  )
ORDER BY e.event_no
LIMIT ?2
