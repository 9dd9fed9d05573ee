SELECT EXISTS (SELECT 1 FROM used_tickets WHERE player_id = ?1 AND run = ?2)
