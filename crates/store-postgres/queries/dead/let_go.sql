-- The oldest that fit, until so many bytes are free. Those that another transaction works on stay.
DELETE FROM scoreline.dead_events
WHERE dead_no IN (
    SELECT dead_no
    FROM (
        SELECT dead_no, SUM(bytes) OVER (ORDER BY dead_no) - bytes AS freed
        FROM (
            SELECT dead_no, bytes
            FROM scoreline.dead_events
            WHERE ($1::text IS NULL OR event_type = $1)
              AND ($2::bigint IS NULL OR (discarded_at IS NOT NULL)::int = $2)
              AND died_at < $3
            ORDER BY dead_no
            LIMIT $5
            FOR UPDATE SKIP LOCKED
        ) AS oldest
    ) AS counted
    WHERE freed < $4
)
RETURNING bytes, discarded_at IS NULL
