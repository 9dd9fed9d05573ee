SELECT EXISTS (SELECT 1 FROM scoreline.erasure_requests WHERE player_id = $1)
