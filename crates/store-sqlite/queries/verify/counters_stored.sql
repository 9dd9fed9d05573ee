-- Counters that the raw events do not give, or give otherwise. One that is not there is 0.
SELECT m.slot, json_array(m.measure, m.split, m.value, m.day, m.item), m.amount || '',
    coalesce(s.amount, 0) || ''
FROM main.analytics_counters m
LEFT JOIN temp.analytics_counters s
    ON s.slot = m.slot AND s.measure = m.measure AND s.split = m.split
    AND s.day = m.day AND s.value = m.value AND s.item = m.item
WHERE m.slot IN (SELECT slot FROM compared) AND coalesce(s.amount, 0) <> m.amount
