INSERT OR REPLACE INTO player_state (player_no, slot, part, slots, amounts)
SELECT player_no, 0, 0, ?2, ?3 FROM player_numbers WHERE player_id = ?1
