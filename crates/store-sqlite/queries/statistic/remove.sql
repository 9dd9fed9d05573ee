DELETE FROM player_statistics WHERE player_id = ?1
