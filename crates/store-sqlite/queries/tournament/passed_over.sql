SELECT player_id FROM passed_over WHERE tournament_id = ?1 ORDER BY player_id
