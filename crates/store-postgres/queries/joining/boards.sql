-- A player's entries in some slots, to look at them or while nobody else applies. The periods of each are found one by one, as there is no index by player.
WITH RECURSIVE periods (slot, period) AS (
    SELECT s.slot, (SELECT max(period) FROM scoreline.board_entries WHERE slot = s.slot)
    FROM unnest($1::bigint[]) AS s (slot)
    UNION ALL
    SELECT p.slot,
        (SELECT max(period) FROM scoreline.board_entries WHERE slot = p.slot AND period < p.period)
    FROM periods p WHERE p.period IS NOT NULL
)
SELECT p.slot, p.period, e.points, e.reached_at, e.attempts, e.last_at, e.sum_0, e.sum_1, e.sum_2, e.sum_3, e.taken_back, e.last_id, e.beyond
FROM periods p
CROSS JOIN LATERAL (
    SELECT * FROM scoreline.board_entries
    WHERE slot = p.slot AND period = p.period AND player_id = $2
) AS e
