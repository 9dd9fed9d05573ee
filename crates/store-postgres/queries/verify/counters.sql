-- Counters that the raw events give otherwise. A counter is what its shards are together, and one that
-- is not there is 0.
SELECT slot, json_build_array(measure, split, value, day, item)::text,
    coalesce(m.amount, 0)::text, coalesce(s.amount, 0)::text
FROM (
    SELECT slot, measure, split, value, day, item, sum(amount) AS amount
    FROM scoreline.analytics_counters WHERE slot IN (SELECT slot FROM pg_temp.compared)
    GROUP BY slot, measure, split, value, day, item
) AS m
FULL JOIN (
    SELECT slot, measure, split, value, day, item, sum(amount) AS amount
    FROM pg_temp.analytics_counters WHERE slot IN (SELECT slot FROM pg_temp.compared)
    GROUP BY slot, measure, split, value, day, item
) AS s USING (slot, measure, split, value, day, item)
WHERE coalesce(m.amount, 0) <> coalesce(s.amount, 0)
