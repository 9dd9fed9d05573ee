-- All events and bytes, and the kind that is to go first. It reads every entry; their number is bounded.
SELECT code, given_up, (SUM(events) OVER ()), (SUM(bytes) OVER ()), 0
FROM (
    SELECT code, discarded_at IS NOT NULL AS given_up, COUNT(*) AS events, SUM(bytes) AS bytes
    FROM quarantine
    GROUP BY code, discarded_at IS NOT NULL
) AS kinds
ORDER BY given_up DESC, bytes DESC, code
LIMIT 1
