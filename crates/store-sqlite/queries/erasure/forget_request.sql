DELETE FROM erasure_requests WHERE player_id = ?1
