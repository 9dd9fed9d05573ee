SELECT e.player_id, e.points, e.reached_at, e.attempts, e.last_at,
       e.sum_0, e.sum_1, e.sum_2, e.sum_3, p.nickname
FROM board_entries e LEFT JOIN players p USING (player_id)
WHERE e.slot = ?1 AND e.period = ?2 AND e.player_id = ?3
