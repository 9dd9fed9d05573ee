SELECT slots, amounts FROM scoreline.player_statistics WHERE player_id = $1
