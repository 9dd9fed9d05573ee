DELETE FROM scoreline.ended_sessions WHERE expires_at <= $1
