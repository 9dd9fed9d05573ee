INSERT INTO scoreline.voids (player_id, event_id, voided_at, unvoided_at)
SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::bigint[])
ON CONFLICT (player_id, event_id, voided_at) DO UPDATE SET unvoided_at = excluded.unvoided_at
