INSERT INTO analytics_counters (slot, measure, split, day, value, item, amount)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (slot, measure, split, day, value, item) DO UPDATE SET
    amount = amount + excluded.amount
