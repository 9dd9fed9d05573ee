-- The sessions of the former id end, and nobody is bound to it again.
UPDATE scoreline.players SET
    nickname = NULL, nickname_skeleton = NULL, nickname_rules = NULL, secret_hash = NULL, secret_at = NULL,
    sessions_revoked = sessions_revoked + 1
WHERE player_id = $1
RETURNING sessions_revoked
