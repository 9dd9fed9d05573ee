-- The first that fit, until they are so many or hold so many bytes: all of them are written anew.
UPDATE scoreline.dead_events SET discarded_at = $6, note = $7
WHERE dead_no IN (
    SELECT dead_no
    FROM (
        SELECT dead_no, SUM(bytes) OVER (ORDER BY dead_no) - bytes AS earlier
        FROM (
            SELECT dead_no, bytes
            FROM scoreline.dead_events
            WHERE event_time >= $1 AND event_time < $2
              AND ($3::text IS NULL OR event_type = $3)
              AND ($4::text IS NULL OR player_id = $4)
              AND ($5::text IS NULL OR strpos(reason, $5) > 0)
              AND ($8::bigint IS NULL OR dead_no = $8)
              AND discarded_at IS NULL
            ORDER BY dead_no
            LIMIT $9
        ) AS first_ones
    ) AS counted
    WHERE earlier < $10
)
  AND discarded_at IS NULL
