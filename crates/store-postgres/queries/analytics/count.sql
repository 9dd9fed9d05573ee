-- A transaction has its shard to itself, so that none waits for the counters of another.
INSERT INTO scoreline.analytics_counters AS known (
    slot, measure, split, day, value, item, shard, amount
)
SELECT $1, k.measure, k.split, k.day, k.value, k.item, $2, k.amount
FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[])
    AS k (measure, split, day, value, item, amount)
ON CONFLICT (slot, measure, split, day, value, item, shard) DO UPDATE SET
    amount = known.amount + excluded.amount
