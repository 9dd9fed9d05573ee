-- The oldest that fit, until so many bytes are free.
DELETE FROM quarantine
WHERE quarantine_no IN (
    SELECT quarantine_no
    FROM (
        SELECT quarantine_no, SUM(bytes) OVER (ORDER BY quarantine_no) - bytes AS freed
        FROM (
            SELECT quarantine_no, bytes
            FROM quarantine
            WHERE (?1 IS NULL OR code = ?1)
              AND (?2 IS NULL OR (discarded_at IS NOT NULL) = ?2)
              AND received_at < ?3
            ORDER BY quarantine_no
            LIMIT ?5
        ) AS oldest
    ) AS counted
    WHERE freed < ?4
)
RETURNING bytes, discarded_at IS NULL
