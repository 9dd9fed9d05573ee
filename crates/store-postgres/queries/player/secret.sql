SELECT secret_hash FROM scoreline.players WHERE player_id = $1
