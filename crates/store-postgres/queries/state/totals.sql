SELECT sum(applied)::bigint, sum(duplicates)::bigint, sum(dead)::bigint, sum(quarantined)::bigint,
    sum(in_review)::bigint,
    (SELECT held_at FROM scoreline.reviews WHERE decided_at IS NULL ORDER BY review_no LIMIT 1),
    (SELECT count(*) FROM scoreline.erasure_requests), (SELECT min(asked_at) FROM scoreline.erasure_requests)
FROM scoreline.store_counts
