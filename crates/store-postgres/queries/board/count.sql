SELECT count(*) FROM scoreline.board_entries WHERE slot = $1 AND attempts > 0
