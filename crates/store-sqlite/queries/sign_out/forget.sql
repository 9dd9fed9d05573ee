DELETE FROM ended_sessions WHERE expires_at <= ?1
