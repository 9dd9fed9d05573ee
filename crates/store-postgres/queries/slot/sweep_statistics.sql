-- Locked in the order of players, as statistic/lock.sql: the other statistics in these rows are
-- written meanwhile.
WITH swept AS MATERIALIZED (
    SELECT player_id FROM scoreline.player_statistics
    WHERE player_id > $1 AND player_id <= $2 AND $3 = ANY (slots)
    ORDER BY player_id
    FOR NO KEY UPDATE
)
UPDATE scoreline.player_statistics s
SET (slots, amounts) = (
    SELECT coalesce(array_agg(u.slot ORDER BY u.slot), '{}'),
           coalesce(array_agg(u.amount ORDER BY u.slot), '{}')
    FROM unnest(s.slots, s.amounts) AS u (slot, amount)
    WHERE u.slot <> $3
)
FROM swept WHERE s.player_id = swept.player_id
