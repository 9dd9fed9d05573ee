INSERT OR REPLACE INTO player_statistics (player_id, slots, amounts) VALUES (?1, ?2, ?3)
