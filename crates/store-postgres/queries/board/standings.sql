SELECT player_id, points, reached_at FROM scoreline.board_entries WHERE slot = $1 AND period = $2
