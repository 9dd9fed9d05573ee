INSERT INTO scoreline.used_tickets AS known (player_id, run, until)
SELECT $2, run, until FROM scoreline.used_tickets WHERE player_id = $1
ON CONFLICT (player_id, run) DO UPDATE SET until = greatest(known.until, excluded.until)
