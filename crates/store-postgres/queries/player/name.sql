-- The time of a name is its version: it grows whatever the clocks of the nodes say.
INSERT INTO scoreline.players AS known (player_id, nickname, nickname_at, nickname_skeleton, nickname_rules) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (player_id) DO UPDATE SET
    nickname = excluded.nickname,
    nickname_skeleton = excluded.nickname_skeleton,
    nickname_rules = excluded.nickname_rules,
    nickname_at = greatest(excluded.nickname_at, known.nickname_at + 1)
RETURNING nickname_at
