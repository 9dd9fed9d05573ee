-- With where their owners stand. A tournament has one period, which begins in 1970.
SELECT z.player_id, z.rank, z.coins, z.gems, e.points, e.reached_at
FROM scoreline.prizes z
LEFT JOIN scoreline.board_entries e ON e.slot = $2 AND e.period = 0 AND e.player_id = z.player_id
WHERE z.tournament_id = $1
