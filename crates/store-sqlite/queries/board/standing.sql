SELECT points, reached_at, attempts FROM board_entries WHERE slot = ?1 AND period = ?2 AND player_id = ?3
