-- Held by whoever applies by a plan. Answers the first shard that nobody writes, or none.
SELECT pg_advisory_xact_lock_shared($1),
    (SELECT shard FROM generate_series(0, 15) AS shard
     WHERE pg_try_advisory_xact_lock($2 + shard) LIMIT 1)
