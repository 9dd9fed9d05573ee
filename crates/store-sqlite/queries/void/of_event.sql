SELECT voided_at, unvoided_at FROM voids WHERE player_id = ?1 AND event_id = ?2
