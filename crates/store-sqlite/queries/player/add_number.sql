INSERT INTO player_numbers (player_id) VALUES (?1)
