DELETE FROM scoreline.erasure_requests WHERE player_id = $1
