SELECT z.prize_id, z.tournament_id, t.name, z.player_id, z.rank, z.coins, z.gems,
       z.awarded_at, z.claimed_at, z.revoked_at
FROM scoreline.prizes z LEFT JOIN scoreline.tournaments t USING (tournament_id)
WHERE z.tournament_id = $1
ORDER BY z.rank
LIMIT $2 OFFSET $3
