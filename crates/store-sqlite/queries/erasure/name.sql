DELETE FROM players WHERE player_id = ?1 RETURNING coalesce(nickname_at, 0)
