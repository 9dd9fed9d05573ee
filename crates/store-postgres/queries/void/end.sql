UPDATE scoreline.voids SET unvoided_at = $3
WHERE player_id = $1 AND event_id = ANY ($2::uuid[]) AND unvoided_at IS NULL
