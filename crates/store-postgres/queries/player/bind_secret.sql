-- The first secret stays.
INSERT INTO scoreline.players AS known (player_id, secret_hash, secret_at) VALUES ($1, $2, $3)
ON CONFLICT (player_id) DO UPDATE SET
    secret_hash = excluded.secret_hash, secret_at = excluded.secret_at
WHERE known.secret_hash IS NULL
