-- Better is: more points, reached earlier, the smaller id.
SELECT e.points, e.reached_at, 1 + (
    SELECT count(*) FROM board_entries b
    WHERE b.slot = e.slot AND b.period = e.period
      AND (b.points > e.points
        OR (b.points = e.points AND (b.reached_at, b.player_id) < (e.reached_at, e.player_id)))
)
FROM board_entries e
WHERE e.slot = ?1 AND e.period = ?2 AND e.player_id = ?3
