DELETE FROM used_tickets WHERE player_id = ?1
