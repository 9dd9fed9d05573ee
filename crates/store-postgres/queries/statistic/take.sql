-- Statistics out of a table that has a row for each: players may be cut in two between portions.
INSERT INTO scoreline.player_statistics AS known (player_id, slots, amounts)
SELECT k.player_id, array_agg(k.slot ORDER BY k.slot), array_agg(k.amount ORDER BY k.slot)
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS k (player_id, slot, amount)
GROUP BY k.player_id
ON CONFLICT (player_id) DO UPDATE SET
    slots = known.slots || excluded.slots, amounts = known.amounts || excluded.amounts
