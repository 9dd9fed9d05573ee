SELECT moved_to FROM scoreline.moved_players WHERE player_id = $1
