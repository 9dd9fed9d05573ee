-- Only the newest numbers, so that it costs no more however much is in quarantine, and out of quarantine_by_group
-- alone, in its order. A type that is empty and one that is missing are one group.
SELECT code, COALESCE(event_type, ''), SUM(events)::bigint, SUM(players)::bigint, MAX(received_at)
FROM (
    SELECT code, event_type, COUNT(*) AS events, COUNT(DISTINCT player_id) AS players,
        MAX(received_at) AS received_at
    FROM scoreline.quarantine
    WHERE quarantine_no > (SELECT COALESCE(MAX(quarantine_no), 0) FROM scoreline.quarantine) - $2
      AND (discarded_at IS NOT NULL) = $1
    GROUP BY code, event_type
) AS of_type
GROUP BY code, COALESCE(event_type, '')
ORDER BY SUM(events) DESC, code, COALESCE(event_type, '')
LIMIT $3
