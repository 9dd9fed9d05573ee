SELECT player_id, nickname FROM scoreline.players WHERE player_id = ANY ($1)
