SELECT player_id, rank, coins, gems FROM scoreline.prizes WHERE tournament_id = $1
