SELECT player_id, message, asked_at FROM scoreline.erasure_requests
ORDER BY asked_at, player_id LIMIT $1
