SELECT secret_hash, sessions_revoked FROM scoreline.players WHERE player_id = $1
