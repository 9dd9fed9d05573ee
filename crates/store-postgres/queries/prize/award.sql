INSERT INTO scoreline.prizes (prize_id, tournament_id, player_id, rank, coins, gems, awarded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
