DELETE FROM scoreline.analytics_counters WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM scoreline.analytics_counters WHERE slot = $1 LIMIT $2
))
