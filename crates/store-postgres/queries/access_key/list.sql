SELECT key_id, name, hash, scopes, created_at, expires_at, revoked_at, last_used_at
FROM scoreline.access_keys
ORDER BY created_at DESC, key_id
