-- A state cannot be merged in SQL: it was read, merged and comes back whole. REPLACE, as there is no other index, writes
-- without looking first.
INSERT OR REPLACE INTO player_analytics (slot, player_no, part, state) VALUES (?1, ?2, ?3, ?4)
