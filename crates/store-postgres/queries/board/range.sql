SELECT player_id, points, reached_at FROM scoreline.board_entries
WHERE slot = $1 AND period = $2
ORDER BY points DESC, reached_at, player_id
LIMIT $3 OFFSET $4
