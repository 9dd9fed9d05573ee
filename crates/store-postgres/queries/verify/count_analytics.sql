SELECT (SELECT count(*) FROM scoreline.player_analytics WHERE slot IN (SELECT slot FROM pg_temp.compared))
     + (SELECT count(*) FROM scoreline.analytics_counters WHERE slot IN (SELECT slot FROM pg_temp.compared))
