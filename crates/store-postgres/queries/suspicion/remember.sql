UPDATE scoreline.player_memories AS known SET memory = new.memory
FROM unnest($1::text[], $2::text[]) AS new (player_id, memory)
WHERE known.player_id = new.player_id
