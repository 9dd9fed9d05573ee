SELECT count(*) FROM scoreline.player_statistics WHERE slot IN (SELECT slot FROM pg_temp.compared)
