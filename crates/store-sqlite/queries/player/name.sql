-- The time of a name is its version: it grows whatever the clock says.
INSERT INTO players (player_id, nickname, nickname_at, nickname_skeleton, nickname_rules) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (player_id) DO UPDATE SET
    nickname = excluded.nickname,
    nickname_skeleton = excluded.nickname_skeleton,
    nickname_rules = excluded.nickname_rules,
    nickname_at = max(excluded.nickname_at, coalesce(nickname_at + 1, excluded.nickname_at))
RETURNING nickname_at
