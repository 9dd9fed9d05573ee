-- The periods with entries, newest first: one look-up a period instead of a walk over all entries.
WITH RECURSIVE found (period) AS (
    SELECT max(period) FROM board_entries WHERE slot = ?1
    UNION ALL
    SELECT (SELECT max(b.period) FROM board_entries b WHERE b.slot = ?1 AND b.period < found.period)
    FROM found WHERE found.period IS NOT NULL
    LIMIT ?2
)
SELECT period FROM found WHERE period IS NOT NULL
