-- All events and bytes, the kind that is to go first, and how many wait, of each player only so many. It reads every entry; their number is bounded.
SELECT event_type, given_up, (SUM(events) OVER ()), (SUM(bytes) OVER ()),
    (SELECT COALESCE(SUM(MIN(of_player, ?1)), 0)
     FROM (
         SELECT COUNT(*) AS of_player FROM dead_events WHERE discarded_at IS NULL GROUP BY player_id
     ) AS waiting)
FROM (
    SELECT event_type, discarded_at IS NOT NULL AS given_up, COUNT(*) AS events, SUM(bytes) AS bytes
    FROM dead_events
    GROUP BY event_type, discarded_at IS NOT NULL
) AS kinds
ORDER BY given_up DESC, bytes DESC, event_type
LIMIT 1
