INSERT INTO scoreline.voids (player_id, event_id, voided_at)
SELECT $1, event_id, $3 FROM unnest($2::uuid[]) AS event_id
