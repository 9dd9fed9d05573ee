SELECT key FROM scoreline.ticket_keys
