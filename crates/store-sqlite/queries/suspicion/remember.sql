INSERT INTO player_memories (player_id, memory) VALUES (?1, ?2)
ON CONFLICT (player_id) DO UPDATE SET memory = excluded.memory
