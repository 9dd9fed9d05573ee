SELECT count(*) FROM main.board_entries WHERE slot IN (SELECT slot FROM compared) AND attempts > 0
