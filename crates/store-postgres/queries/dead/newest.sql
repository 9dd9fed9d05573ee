SELECT MAX(dead_no) FROM scoreline.dead_events
