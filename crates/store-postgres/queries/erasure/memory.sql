DELETE FROM scoreline.player_memories WHERE player_id = $1
