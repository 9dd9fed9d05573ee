SELECT count(*) FROM scoreline.board_entries WHERE slot IN (SELECT slot FROM pg_temp.compared) AND attempts > 0
