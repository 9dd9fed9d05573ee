INSERT INTO pg_temp.analytics_counters
SELECT $2, measure, split, day, value, item, shard, amount
FROM scoreline.analytics_counters WHERE slot = $1
