-- A state cannot be merged in SQL: it was read, merged and comes back whole.
INSERT INTO player_analytics (slot, player_id, part, state) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (slot, player_id, part) DO UPDATE SET state = excluded.state
