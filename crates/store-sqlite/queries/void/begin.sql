INSERT INTO voids (player_id, event_id, voided_at) VALUES (?1, ?2, ?3)
