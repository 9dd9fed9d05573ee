SELECT count(*) FROM board_entries WHERE slot = ?1 AND attempts > 0
