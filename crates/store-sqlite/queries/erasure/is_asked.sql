SELECT EXISTS (SELECT 1 FROM erasure_requests WHERE player_id = ?1)
