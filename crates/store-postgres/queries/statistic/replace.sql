-- Writes rows that are locked. An upsert, because it can only be planned as look-ups.
INSERT INTO scoreline.player_statistics AS known (player_id, slots, amounts)
SELECT k.player_id, ($4::bigint[])[k.first:k.last], ($5::bigint[])[k.first:k.last]
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS k (player_id, first, last)
ON CONFLICT (player_id) DO UPDATE SET slots = excluded.slots, amounts = excluded.amounts
RETURNING player_id
