-- One of them is another when an event of a player was stored, removed, or counts as of another receipt, or an operator
-- has acted, but for $2 acts.
SELECT e.events, e.receipts, s.acts - $2
FROM scoreline.store_state s,
    (
        SELECT count(*) AS events, coalesce(sum(hashint8(received_at)), 0)::bigint AS receipts
        FROM scoreline.events WHERE player_id = $1
    ) e
