INSERT INTO player_statistics (player_id, slot, value) VALUES (?1, ?2, ?3)
ON CONFLICT (player_id, slot) DO UPDATE SET value = value + excluded.value
