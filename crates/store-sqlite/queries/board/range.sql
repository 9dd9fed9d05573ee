-- From a contender on. Better is: more points, reached earlier, the smaller id.
SELECT player_id, points, reached_at FROM board_entries
WHERE slot = ?1 AND period = ?2
  AND (points < ?3 OR (points = ?3 AND (reached_at, player_id) >= (?4, ?5)))
ORDER BY points DESC, reached_at, player_id
LIMIT ?6 OFFSET ?7
