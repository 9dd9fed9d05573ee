SELECT key FROM ticket_keys
