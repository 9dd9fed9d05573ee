DELETE FROM events WHERE event_no = ?1
