-- The prize of a place that stands apart. Nobody is to claim it: what was won there was given by hand.
INSERT INTO scoreline.prizes (prize_id, tournament_id, player_id, rank, coins, gems, awarded_at, revoked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
