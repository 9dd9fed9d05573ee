-- The key is in this order, so that this reads what it answers and nothing else.
SELECT value, day, item, amount FROM analytics_counters
WHERE slot = ?1 AND measure = ?2 AND split = ?3 AND day BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR value = ?6) AND amount <> 0
ORDER BY day, value, item
