SELECT player_id, message, asked_at FROM erasure_requests
ORDER BY asked_at, player_id LIMIT ?1
