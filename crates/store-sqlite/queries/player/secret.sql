SELECT secret_hash FROM players WHERE player_id = ?1
