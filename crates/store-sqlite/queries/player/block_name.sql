INSERT INTO blocked_names (skeleton, nickname, blocked_at, note) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (skeleton) DO NOTHING
