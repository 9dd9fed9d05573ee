-- Statistics that are stored and recomputed otherwise, or that are only on one side. Rows that are
-- the same need not be taken apart.
SELECT d.slot, coalesce(m.player_id, s.player_id), d.stored, d.recomputed
FROM scoreline.player_statistics m
FULL JOIN pg_temp.player_statistics s ON s.player_id = m.player_id
CROSS JOIN LATERAL (
    SELECT slot, coalesce(a.amount::text, '') AS stored, coalesce(b.amount::text, '') AS recomputed
    FROM unnest(m.slots, m.amounts) AS a (slot, amount)
    FULL JOIN unnest(s.slots, s.amounts) AS b (slot, amount) USING (slot)
    WHERE a.amount IS DISTINCT FROM b.amount AND slot IN (SELECT slot FROM pg_temp.compared)
) AS d
WHERE (m.slots, m.amounts) IS DISTINCT FROM (s.slots, s.amounts)
