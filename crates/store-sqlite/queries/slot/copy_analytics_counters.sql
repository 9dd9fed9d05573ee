-- Into whichever table stands first; see changes.rs.
INSERT INTO analytics_counters (slot, measure, split, day, value, item, amount)
SELECT ?2, measure, split, day, value, item, amount FROM main.analytics_counters WHERE slot = ?1
