SELECT max(received_at) FROM events
