SELECT EXISTS (SELECT 1 FROM ended_sessions WHERE session = ?1)
