-- Whoever has a name or a secret, and whoever did anything. Each side ends after some rows by itself.
SELECT player_id FROM (
    SELECT player_id FROM scoreline.players
    WHERE player_id >= $1 AND player_id < $2
    ORDER BY player_id
    LIMIT $5
) AS named
UNION
SELECT player_id FROM (
    SELECT player_id FROM scoreline.player_analytics
    WHERE slot = $3 AND player_id >= $1 AND player_id < $2 AND part = $4
    ORDER BY player_id
    LIMIT $5
) AS active
ORDER BY player_id
LIMIT $5
