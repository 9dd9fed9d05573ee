SELECT player_id, nickname, nickname_at FROM scoreline.players
WHERE player_id > $1 AND nickname IS NOT NULL
ORDER BY player_id
LIMIT $2
