INSERT INTO voids (player_id, event_id, voided_at, unvoided_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (player_id, event_id, voided_at) DO UPDATE SET unvoided_at = excluded.unvoided_at
