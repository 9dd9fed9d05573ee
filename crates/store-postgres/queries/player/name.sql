INSERT INTO scoreline.players (player_id, nickname, nickname_at) VALUES ($1, $2, $3)
ON CONFLICT (player_id) DO UPDATE SET
    nickname = excluded.nickname, nickname_at = excluded.nickname_at
