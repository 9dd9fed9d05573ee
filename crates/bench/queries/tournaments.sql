-- Closed ones, one a day up to $2.
INSERT INTO scoreline.tournaments (
    tournament_id, name, starts_at, ends_at, prizes, sealed_at, closed_at, participants
)
SELECT 'trial_' || n, 'Cup ' || n, ends_at - 86400000, ends_at, '[]', ends_at, ends_at, $3
FROM (SELECT n, $2 - ($1 - n) * 86400000 AS ends_at FROM generate_series(1, $1::bigint) AS n) AS t
