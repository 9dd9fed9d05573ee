-- Answers who had no row yet.
INSERT INTO scoreline.player_statistics (player_id, slots, amounts)
SELECT k.player_id, ($4::bigint[])[k.first:k.last], ($5::bigint[])[k.first:k.last]
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS k (player_id, first, last)
ON CONFLICT DO NOTHING
RETURNING player_id
