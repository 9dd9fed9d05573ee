-- A figure for each of these types in each time slot from $3 on and before $4, in $6 shards.
INSERT INTO scoreline.figures (
    slot, grain_ms, start_at, event_type, shard, events, processing_ms, first_at, last_at
)
SELECT $1, $2, start_at, event_type, shard, 100, 90000, start_at, start_at + $2 - 1
FROM generate_series($3::bigint, $4::bigint - 1, $2) AS start_at,
     unnest($5::text[]) AS event_type, generate_series(0, $6::integer - 1) AS shard
