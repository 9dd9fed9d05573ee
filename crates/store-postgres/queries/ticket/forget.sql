DELETE FROM scoreline.used_tickets WHERE until < $1
