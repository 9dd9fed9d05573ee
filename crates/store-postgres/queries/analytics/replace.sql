-- Writes rows that are locked. An upsert, because it can only be planned as look-ups.
INSERT INTO scoreline.player_analytics (slot, player_id, part, state)
SELECT $1, k.player_id, k.part, k.state
FROM unnest($2::text[], $3::bigint[], $4::bytea[]) AS k (player_id, part, state)
ON CONFLICT (slot, player_id, part) DO UPDATE SET state = excluded.state
RETURNING player_id, part
