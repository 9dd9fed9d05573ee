-- The order of ranks. SQLite keeps no more than the limit while it sorts.
SELECT player_id, points, reached_at FROM board_entries WHERE slot = ?1 AND attempts > 0
ORDER BY points DESC, reached_at, player_id
LIMIT ?2
