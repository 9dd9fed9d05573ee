DELETE FROM scoreline.used_tickets WHERE player_id = $1
