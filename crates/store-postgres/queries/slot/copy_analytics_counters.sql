INSERT INTO scoreline.analytics_counters (slot, measure, split, day, value, item, shard, amount)
SELECT $2, measure, split, day, value, item, shard, amount
FROM scoreline.analytics_counters WHERE slot = $1
