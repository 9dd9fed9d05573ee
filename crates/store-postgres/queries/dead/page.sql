-- A long text lies apart, and is read only where it is wanted.
SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content,
       CASE WHEN $10::bigint IS NULL THEN payload
            WHEN $10 = 0 THEN ''
            ELSE left(payload, ($10::bigint)::integer) END,
       reason, attempts, died_at, discarded_at, note, dead_no, sent_by
FROM scoreline.dead_events
WHERE dead_no > $6
  AND event_time >= $1 AND event_time < $2
  AND ($3::text IS NULL OR event_type = $3)
  AND ($4::text IS NULL OR player_id = $4)
  AND ($5::text IS NULL OR strpos(reason, $5) > 0)
  AND (discarded_at IS NOT NULL) = $7
  AND ($9::bigint IS NULL OR dead_no = $9)
ORDER BY dead_no
LIMIT $8
