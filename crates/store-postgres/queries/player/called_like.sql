-- In the order of players_by_skeleton, so that it ends after some rows however many are called so.
SELECT player_id, nickname, nickname_at FROM scoreline.players
WHERE nickname_skeleton >= $1 AND nickname_skeleton < $2
ORDER BY nickname_skeleton, player_id
LIMIT $3
