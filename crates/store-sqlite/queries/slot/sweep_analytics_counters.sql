DELETE FROM analytics_counters WHERE (slot, measure, split, day, value, item) IN (
    SELECT slot, measure, split, day, value, item FROM analytics_counters WHERE slot = ?1 LIMIT ?2
)
