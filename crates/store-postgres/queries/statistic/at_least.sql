-- Most events leave a maximum where it is. Such rows are sorted out by reading, because an upsert
-- would lock them, which is a write; what remains is written only if it is still more. In the
-- order of keys, as board/add.sql.
-- A value compared with, not a join: for thousands of keys the planner would rather read the whole
-- table and hash it, in every transaction.
INSERT INTO scoreline.player_statistics AS known (player_id, slot, value)
SELECT k.player_id, k.slot, k.value
FROM unnest($1::text[], $2::bigint[], $3::bigint[])
    WITH ORDINALITY AS k (player_id, slot, value, place)
WHERE (
    SELECT s.value FROM scoreline.player_statistics s
    WHERE s.player_id = k.player_id AND s.slot = k.slot
) >= k.value IS NOT TRUE
ORDER BY k.place
ON CONFLICT (player_id, slot) DO UPDATE SET value = excluded.value
WHERE excluded.value > known.value
