SELECT max(received_at) FROM scoreline.events
