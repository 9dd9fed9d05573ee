SELECT sum(applied)::bigint, sum(duplicates)::bigint, sum(dead)::bigint, sum(quarantined)::bigint
FROM scoreline.store_counts
