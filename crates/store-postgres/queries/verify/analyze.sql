-- Without figures on the scratch tables, the comparison would be planned as if they were small.
ANALYZE pg_temp.board_entries, pg_temp.player_statistics, pg_temp.player_analytics,
    pg_temp.analytics_counters, pg_temp.compared
