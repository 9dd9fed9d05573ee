-- From one contender on to before another.
SELECT count(*) FROM board_entries
WHERE slot = ?1 AND period = ?2
  AND (points < ?3 OR (points = ?3 AND (reached_at, player_id) >= (?4, ?5)))
  AND (points > ?6 OR (points = ?6 AND (reached_at, player_id) < (?7, ?8)))
