DELETE FROM scoreline.figures WHERE grain_ms = $1 AND start_at < $2
