SELECT filled, (SELECT sum(applied - removed)::bigint FROM scoreline.store_counts)
FROM scoreline.projections WHERE projection_no = $1
