INSERT INTO erasures (job_id, tombstone, player_id, requested_at, events) VALUES (?1, ?2, ?3, ?4, ?5)
