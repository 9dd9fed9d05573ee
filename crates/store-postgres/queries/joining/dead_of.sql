SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content, payload,
       reason, attempts, died_at, discarded_at, note, dead_no, sent_by
FROM scoreline.dead_events
WHERE player_id = $1
ORDER BY dead_no
