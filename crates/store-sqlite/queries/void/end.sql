UPDATE voids SET unvoided_at = ?3 WHERE player_id = ?1 AND event_id = ?2 AND unvoided_at IS NULL
