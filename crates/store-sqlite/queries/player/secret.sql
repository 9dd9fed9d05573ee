SELECT secret_hash, sessions_revoked FROM players WHERE player_id = ?1
