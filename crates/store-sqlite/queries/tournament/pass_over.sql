INSERT INTO passed_over (tournament_id, player_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING
