INSERT OR REPLACE INTO player_state (player_no, slot, part, slots, amounts) VALUES (?1, 0, 0, ?2, ?3)
