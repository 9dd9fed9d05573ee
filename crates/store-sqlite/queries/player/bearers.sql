SELECT player_id, nickname, nickname_at FROM players
WHERE nickname_skeleton = ?1
ORDER BY player_id
LIMIT ?2
