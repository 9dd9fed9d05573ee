-- The oldest that fit, until so many bytes are free. Those that another transaction works on stay.
DELETE FROM scoreline.quarantine
WHERE quarantine_no IN (
    SELECT quarantine_no
    FROM (
        SELECT quarantine_no, SUM(bytes) OVER (ORDER BY quarantine_no) - bytes AS freed
        FROM (
            SELECT quarantine_no, bytes
            FROM scoreline.quarantine
            WHERE ($1::text IS NULL OR code = $1)
              AND ($2::bigint IS NULL OR (discarded_at IS NOT NULL)::int = $2)
              AND received_at < $3
            ORDER BY quarantine_no
            LIMIT $5
            FOR UPDATE SKIP LOCKED
        ) AS oldest
    ) AS counted
    WHERE freed < $4
)
RETURNING bytes, discarded_at IS NULL
