SELECT applied, duplicates, dead, quarantined, in_review,
    (SELECT held_at FROM reviews WHERE decided_at IS NULL ORDER BY review_no LIMIT 1),
    (SELECT count(*) FROM erasure_requests), (SELECT min(asked_at) FROM erasure_requests)
FROM store_state
