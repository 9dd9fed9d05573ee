INSERT INTO blocked_names (skeleton, nickname, blocked_at, note, rules) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (skeleton) DO NOTHING
