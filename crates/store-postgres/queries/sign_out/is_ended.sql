SELECT EXISTS (SELECT 1 FROM scoreline.ended_sessions WHERE session = $1)
