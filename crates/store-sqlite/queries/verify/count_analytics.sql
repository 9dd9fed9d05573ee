SELECT (SELECT count(*) FROM main.player_state WHERE slot IN (SELECT slot FROM compared))
     + (SELECT count(*) FROM main.analytics_counters WHERE slot IN (SELECT slot FROM compared))
