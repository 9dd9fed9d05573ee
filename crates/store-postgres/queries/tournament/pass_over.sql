INSERT INTO scoreline.passed_over (tournament_id, player_id)
SELECT $1, player_id FROM unnest($2::text[]) AS player_id
ON CONFLICT DO NOTHING
