-- The dead event that holds a key. Of one that says the same, as nearly all do, the payload is not read.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content,
       CASE WHEN content = ?3 THEN '' ELSE payload END
FROM dead_events
WHERE player_id = ?1 AND event_id = ?2
