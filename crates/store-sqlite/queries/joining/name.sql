SELECT nickname_at FROM players WHERE player_id = ?1 AND nickname IS NOT NULL
