-- As if the game had been played for 90 days, and every player had chosen a name.
INSERT INTO scoreline.analytics_counters (slot, measure, split, day, value, item, shard, amount)
SELECT slot, measure, split, day - days, value, item, shard, amount
FROM (SELECT *, max(day) OVER () AS last FROM scoreline.analytics_counters) AS counted,
    generate_series(1, 89) AS days
WHERE day = last
ON CONFLICT DO NOTHING;
INSERT INTO scoreline.players (player_id, nickname, nickname_at, nickname_skeleton)
SELECT player_id, 'Pilot ' || row_number() OVER (), 0, 'pilot' || row_number() OVER ()
FROM scoreline.player_statistics
ON CONFLICT DO NOTHING;
