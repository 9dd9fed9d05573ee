-- The oldest that fit, until so many bytes are free.
DELETE FROM dead_events
WHERE dead_no IN (
    SELECT dead_no
    FROM (
        SELECT dead_no, SUM(bytes) OVER (ORDER BY dead_no) - bytes AS freed
        FROM (
            SELECT dead_no, bytes
            FROM dead_events
            WHERE (?1 IS NULL OR event_type = ?1)
              AND (?2 IS NULL OR (discarded_at IS NOT NULL) = ?2)
              AND died_at < ?3
            ORDER BY dead_no
            LIMIT ?5
        ) AS oldest
    ) AS counted
    WHERE freed < ?4
)
RETURNING bytes, discarded_at IS NULL
