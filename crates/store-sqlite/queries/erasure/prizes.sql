-- Those that were won.
SELECT prize_id, tournament_id FROM prizes WHERE player_id = ?1 AND tournament_id IS NOT NULL
