-- OFFSET makes it one look-up a player: with `= ANY`, a planner without statistics walks through all players.
SELECT p.player_id, p.nickname
FROM unnest($1::text[]) AS asked (player_id)
CROSS JOIN LATERAL (
    SELECT player_id, nickname FROM scoreline.players WHERE player_id = asked.player_id OFFSET 0
) AS p
