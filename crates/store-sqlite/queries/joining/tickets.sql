INSERT INTO used_tickets (player_id, run, until)
SELECT ?2, run, until FROM used_tickets WHERE player_id = ?1
ON CONFLICT (player_id, run) DO UPDATE SET until = max(until, excluded.until)
