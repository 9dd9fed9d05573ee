-- With all its parts, where the table has partitions.
SELECT coalesce(
    (SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree($1::text::regclass))::bigint,
    pg_relation_size($1::text::regclass)
)
