SELECT count(*) FROM quarantine WHERE player_id = ?1 AND discarded_at IS NULL
