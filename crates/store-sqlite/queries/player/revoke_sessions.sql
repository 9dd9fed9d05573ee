-- Of a player who is bound to a secret.
UPDATE players SET sessions_revoked = sessions_revoked + 1
WHERE player_id = ?1 AND secret_hash IS NOT NULL
RETURNING sessions_revoked
