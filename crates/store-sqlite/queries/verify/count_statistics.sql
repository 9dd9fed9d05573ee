SELECT count(*) FROM main.player_statistics WHERE slot IN (SELECT slot FROM compared)
