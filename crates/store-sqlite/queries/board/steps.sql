-- Every ?3-th contender.
SELECT player_id, points, reached_at FROM (
    SELECT player_id, points, reached_at,
           row_number() OVER (ORDER BY points DESC, reached_at, player_id) AS place
    FROM board_entries WHERE slot = ?1 AND period = ?2
)
WHERE (place - 1) % ?3 = 0
ORDER BY place
