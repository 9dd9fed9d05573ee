-- Locked, so that what is written down as the state before is that.
SELECT key_id, name, hash, scopes, created_at, expires_at, revoked_at, last_used_at
FROM scoreline.access_keys
WHERE key_id = $1
FOR UPDATE
