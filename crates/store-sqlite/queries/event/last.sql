SELECT max(event_no) FROM events
