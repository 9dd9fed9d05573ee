UPDATE scoreline.passed_over SET player_id = $3 WHERE tournament_id = $1 AND player_id = $2
