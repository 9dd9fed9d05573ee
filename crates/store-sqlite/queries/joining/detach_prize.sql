-- It keeps its id, by which the device knows it.
UPDATE prizes SET player_id = ?2, tournament_id = NULL, rank = NULL WHERE prize_id = ?1
