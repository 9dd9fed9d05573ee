DELETE FROM scoreline.reviews WHERE player_id = $1 RETURNING decided_at
