DELETE FROM scoreline.dead_events WHERE player_id = $1 RETURNING discarded_at
