-- A row for each player, given in order, so that it can be locked.
INSERT INTO scoreline.player_memories (player_id, memory)
SELECT player_id, '{}' FROM unnest($1::text[]) AS player_id
ON CONFLICT (player_id) DO NOTHING
