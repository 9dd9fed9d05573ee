-- As if the game had been played for 90 days, and every player had chosen a name.
INSERT INTO analytics_counters (slot, measure, split, day, value, item, amount)
WITH RECURSIVE earlier (days) AS (SELECT 1 UNION ALL SELECT days + 1 FROM earlier WHERE days < 89)
SELECT slot, measure, split, day - days, value, item, amount
FROM (SELECT *, max(day) OVER () AS last FROM analytics_counters), earlier
WHERE day = last
ON CONFLICT DO NOTHING;
INSERT INTO players (player_id, nickname, nickname_at, nickname_skeleton)
SELECT player_id, 'Pilot ' || player_no, 0, 'pilot' || player_no FROM player_numbers WHERE true
ON CONFLICT DO NOTHING;
