-- What is counted as it changes, beside what can be counted again.
SELECT sum(applied - removed)::bigint, sum(dead)::bigint, sum(quarantined)::bigint,
    (SELECT count(*) FROM scoreline.dead_events WHERE discarded_at IS NULL),
    (SELECT count(*) FROM scoreline.quarantine WHERE discarded_at IS NULL),
    sum(in_review)::bigint,
    (SELECT count(*) FROM scoreline.reviews WHERE decided_at IS NULL)
FROM scoreline.store_counts
