-- A player's entries in some slots. The periods of each are found one by one, as there is no index by player.
WITH RECURSIVE periods (slot, period) AS (
    SELECT s.value, (SELECT max(period) FROM board_entries WHERE slot = s.value) FROM json_each(?1) s
    UNION ALL
    SELECT p.slot, (SELECT max(period) FROM board_entries WHERE slot = p.slot AND period < p.period)
    FROM periods p WHERE p.period IS NOT NULL
)
SELECT e.slot, e.period, e.points, e.reached_at, e.attempts, e.last_at, e.sum_0, e.sum_1, e.sum_2, e.sum_3, e.taken_back, e.last_id, e.beyond
FROM periods p CROSS JOIN board_entries e ON e.slot = p.slot AND e.period = p.period AND e.player_id = ?2
