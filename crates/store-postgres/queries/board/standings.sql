SELECT player_id, points, reached_at, attempts FROM scoreline.board_entries
WHERE slot = $1 AND period = $2 AND player_id > $3
ORDER BY player_id
LIMIT $4
