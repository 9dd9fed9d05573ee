INSERT INTO used_tickets (player_id, run, until) VALUES (?1, ?2, ?3)
