-- Some parts of players, locked in the order in which they are given: writers that lock in one order
-- cannot deadlock. Looked up one by one, as in statistic/lock.sql.
SELECT k.place, s.state
FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS k (player_id, part, place)
CROSS JOIN LATERAL (
    SELECT state FROM scoreline.player_analytics
    WHERE slot = $1 AND player_id = k.player_id AND part = k.part
    FOR NO KEY UPDATE
) AS s
