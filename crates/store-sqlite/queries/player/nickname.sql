SELECT nickname FROM players WHERE player_id = ?1
