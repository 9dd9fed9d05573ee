SELECT memory FROM player_memories WHERE player_id = ?1
