DELETE FROM used_tickets WHERE until < ?1
