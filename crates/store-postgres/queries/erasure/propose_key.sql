INSERT INTO scoreline.erasure_keys (id, key) VALUES (1, $1) ON CONFLICT DO NOTHING
