-- The rows of some players, locked in the order of players: writers that lock in one order cannot
-- deadlock. Looked up one by one: as a join, the planner would rather read and hash the whole table
-- for thousands of players, in every transaction.
SELECT k.place, s.slots, s.amounts
FROM unnest($1::text[]) WITH ORDINALITY AS k (player_id, place)
CROSS JOIN LATERAL (
    SELECT slots, amounts FROM scoreline.player_statistics
    WHERE player_id = k.player_id
    FOR NO KEY UPDATE
) AS s
