DELETE FROM scoreline.players WHERE player_id = $1 RETURNING coalesce(nickname_at, 0)
