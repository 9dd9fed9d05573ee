INSERT INTO scoreline.tournaments (tournament_id, series, name, board, starts_at, ends_at, prizes)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
