DELETE FROM reviews WHERE player_id = ?1 RETURNING decided_at
