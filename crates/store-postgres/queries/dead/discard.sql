UPDATE scoreline.dead_events SET discarded_at = $6, note = $7
WHERE event_time >= $1 AND event_time < $2
  AND ($3::text IS NULL OR event_type = $3)
  AND ($4::text IS NULL OR player_id = $4)
  AND ($5::text IS NULL OR strpos(reason, $5) > 0)
  AND ($8::bigint IS NULL OR dead_no = $8)
  AND discarded_at IS NULL
