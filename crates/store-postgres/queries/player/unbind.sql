UPDATE scoreline.players SET secret_hash = NULL, secret_at = NULL WHERE player_id = $1
