SELECT player_id, points, reached_at, attempts, last_at, sum_0, sum_1, sum_2, sum_3, taken_back
FROM board_entries WHERE slot = ?1 AND period = ?2 AND player_id > ?3
ORDER BY player_id
LIMIT ?4
