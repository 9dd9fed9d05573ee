DELETE FROM scoreline.figure_players WHERE grain_ms = $1 AND start_at < $2
