UPDATE passed_over SET player_id = ?2 WHERE player_id = ?1
