-- A state cannot be merged in SQL: it was read, merged and comes back whole. REPLACE, as there is no other index, writes
-- without looking first.
INSERT OR REPLACE INTO player_state (player_no, slot, part, state) VALUES (?2, ?1, ?3, ?4)
