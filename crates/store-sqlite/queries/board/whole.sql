-- A player's row, whole.
SELECT slot, period, points, reached_at, attempts, last_at, sum_0, sum_1, sum_2, sum_3, taken_back, last_id, beyond
FROM board_entries
WHERE slot = ?1 AND period = ?2 AND player_id = ?3
