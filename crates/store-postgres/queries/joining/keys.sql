UPDATE scoreline.event_keys SET player_id = $2 WHERE player_id = $1
