DELETE FROM scoreline.prizes WHERE player_id = $1 AND tournament_id IS NULL
