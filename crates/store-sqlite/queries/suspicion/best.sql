SELECT points, attempts FROM board_entries
WHERE slot = ?1 AND period = ?2 AND player_id = ?3 AND attempts > 0
