SELECT count(*) FROM scoreline.events WHERE player_id = $1
