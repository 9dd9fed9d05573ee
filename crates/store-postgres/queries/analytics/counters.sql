-- All questions in one statement, so that all answers are of one moment. The key is in this order, so
-- that this reads what it answers and nothing else.
SELECT k.place, c.value, c.day, c.item, c.amount
FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])
    WITH ORDINALITY AS k (measure, split, day_from, day_until, value, place)
CROSS JOIN LATERAL (
    SELECT a.value, a.day, a.item, sum(a.amount)::bigint AS amount
    FROM scoreline.analytics_counters a
    WHERE a.slot = $1 AND a.measure = k.measure AND a.split = k.split
      AND a.day BETWEEN k.day_from AND k.day_until
      AND (k.value IS NULL OR a.value = k.value)
    GROUP BY a.day, a.value, a.item
    HAVING sum(a.amount) <> 0
) AS c
ORDER BY k.place, c.day, c.value, c.item
