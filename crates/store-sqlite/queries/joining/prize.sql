UPDATE prizes SET player_id = ?2 WHERE prize_id = ?1
