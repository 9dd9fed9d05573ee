INSERT INTO passed_over (tournament_id, player_id)
SELECT tournament_id, ?2 FROM passed_over WHERE player_id = ?1
ON CONFLICT DO NOTHING
