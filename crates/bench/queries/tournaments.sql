-- Closed ones, one a day up to $3.
INSERT INTO scoreline.tournaments (
    tournament_id, name, board, starts_at, ends_at, prizes, sealed_at, closed_at, participants
)
SELECT 'trial_' || n, 'Cup ' || n, $2, ends_at - 86400000, ends_at, '[]', ends_at, ends_at, $4
FROM (SELECT n, $3 - ($1 - n) * 86400000 AS ends_at FROM generate_series(1, $1::bigint) AS n) AS t
