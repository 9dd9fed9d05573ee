DELETE FROM scoreline.voids WHERE player_id = $1
