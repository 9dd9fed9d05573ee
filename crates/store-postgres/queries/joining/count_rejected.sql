SELECT count(*) FROM scoreline.quarantine WHERE player_id = $1 AND discarded_at IS NULL
