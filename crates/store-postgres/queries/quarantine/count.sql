SELECT COUNT(*)
FROM scoreline.quarantine
WHERE ($1::text IS NULL OR COALESCE(event_type, '') = $1)
  AND ($2::text IS NULL OR code = $2)
  AND ($3::text IS NULL OR player_id = $3)
  AND received_at >= $4 AND received_at < $5
  AND (discarded_at IS NOT NULL) = $6
  AND ($7::bigint IS NULL OR quarantine_no = $7)
