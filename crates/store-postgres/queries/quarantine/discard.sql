-- The first that fit, until they are so many or hold so many bytes: all of them are written anew.
UPDATE scoreline.quarantine SET discarded_at = $6, note = $7
WHERE quarantine_no IN (
    SELECT quarantine_no
    FROM (
        SELECT quarantine_no, SUM(bytes) OVER (ORDER BY quarantine_no) - bytes AS earlier
        FROM (
            SELECT quarantine_no, bytes
            FROM scoreline.quarantine
            WHERE ($1::text IS NULL OR COALESCE(event_type, '') = $1)
              AND ($2::text IS NULL OR code = $2)
              AND ($3::text IS NULL OR player_id = $3)
              AND received_at >= $4 AND received_at < $5
              AND ($8::bigint IS NULL OR quarantine_no = $8)
              AND discarded_at IS NULL
            ORDER BY quarantine_no
            LIMIT $9
        ) AS first_ones
    ) AS counted
    WHERE earlier < $10
)
  AND discarded_at IS NULL
