-- What is remembered of players, given in order, locked in it.
SELECT k.place, m.memory
FROM unnest($1::text[]) WITH ORDINALITY AS k (player_id, place)
CROSS JOIN LATERAL (
    SELECT memory FROM scoreline.player_memories WHERE player_id = k.player_id FOR NO KEY UPDATE
) AS m
