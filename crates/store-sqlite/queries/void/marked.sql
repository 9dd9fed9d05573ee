SELECT event_id FROM voids WHERE player_id = ?1 AND unvoided_at IS NULL
