UPDATE reviews SET player_id = ?2 WHERE player_id = ?1
