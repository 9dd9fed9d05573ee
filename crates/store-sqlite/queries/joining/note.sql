INSERT INTO moved_players (player_id, moved_to, moved_at) VALUES (?1, ?2, ?3)
