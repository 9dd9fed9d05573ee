-- Nothing is written where a key of this name is good, or where there are enough.
INSERT INTO access_keys (key_id, name, hash, scopes, created_at, expires_at, revoked_at, last_used_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL
WHERE (SELECT count(*) FROM access_keys) < ?7
ON CONFLICT DO NOTHING
