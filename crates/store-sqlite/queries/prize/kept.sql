SELECT player_id, rank, coins, gems FROM prizes WHERE tournament_id = ?1
