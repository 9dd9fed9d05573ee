-- Statistics lie by player, so those of a slot are found by walking through the players.
SELECT max(player_id), count(*) FROM (
    SELECT player_id FROM scoreline.player_statistics WHERE player_id > $1 ORDER BY player_id LIMIT $2
) AS walked
