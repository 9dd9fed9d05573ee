SELECT z.prize_id, z.tournament_id, t.name, z.player_id, z.rank, z.coins, z.gems,
       z.awarded_at, z.claimed_at, z.revoked_at
FROM scoreline.prizes z LEFT JOIN scoreline.tournaments t USING (tournament_id)
WHERE z.player_id = $1 AND z.claimed_at IS NULL AND z.revoked_at IS NULL
ORDER BY z.awarded_at, z.tournament_id, z.prize_id
