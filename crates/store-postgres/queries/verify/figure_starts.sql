-- The time slots for which there are figures, stored or recomputed.
SELECT start_at FROM scoreline.figures WHERE slot = $1 AND grain_ms = $2 AND start_at >= $3
UNION
SELECT start_at FROM pg_temp.figures WHERE slot = $1 AND grain_ms = $2 AND start_at >= $3
ORDER BY start_at
