INSERT INTO scoreline.tournaments (tournament_id, series, name, starts_at, ends_at, prizes)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
