INSERT INTO ended_sessions (session, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING
