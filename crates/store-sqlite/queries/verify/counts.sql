-- What is counted as it changes, beside what can be counted again.
SELECT applied - removed, dead, quarantined,
    (SELECT count(*) FROM main.dead_events WHERE discarded_at IS NULL),
    (SELECT count(*) FROM main.quarantine WHERE discarded_at IS NULL),
    in_review,
    (SELECT count(*) FROM main.reviews WHERE decided_at IS NULL)
FROM main.store_state
