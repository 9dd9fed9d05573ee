DELETE FROM voids WHERE player_id = ?1
