-- Counters that the raw events give and that are not stored.
SELECT s.slot, json_array(s.measure, s.split, s.value, s.day, s.item), '0', s.amount || ''
FROM temp.analytics_counters s
LEFT JOIN main.analytics_counters m
    ON m.slot = s.slot AND m.measure = s.measure AND m.split = s.split
    AND m.day = s.day AND m.value = s.value AND m.item = s.item
WHERE s.slot IN (SELECT slot FROM compared) AND m.slot IS NULL AND s.amount <> 0
