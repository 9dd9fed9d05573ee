INSERT INTO scoreline.player_statistics AS known (player_id, slots, amounts)
SELECT s.player_id, ARRAY[$2::bigint], ARRAY[u.amount]
FROM scoreline.player_statistics s CROSS JOIN unnest(s.slots, s.amounts) AS u (slot, amount)
WHERE u.slot = $1
ON CONFLICT (player_id) DO UPDATE SET
    slots = known.slots || excluded.slots, amounts = known.amounts || excluded.amounts
