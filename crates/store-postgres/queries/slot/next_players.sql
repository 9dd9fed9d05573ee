-- Statistics lie by player, so those of a slot are found by walking through the players. Parts of analytics may be of
-- players of whom there are no statistics, all of whose events were voided meanwhile.
SELECT max(player_id), count(*) FROM (
    (SELECT player_id FROM scoreline.player_statistics WHERE player_id > $1 ORDER BY player_id LIMIT $2)
    UNION
    (SELECT player_id FROM scoreline.player_analytics WHERE slot = $3 AND player_id > $1 ORDER BY player_id LIMIT $2)
    ORDER BY player_id
    LIMIT $2
) AS walked
