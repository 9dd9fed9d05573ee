SELECT MAX(dead_no) FROM dead_events
