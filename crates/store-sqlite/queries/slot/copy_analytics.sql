-- Into whichever table stands first; see changes.rs.
INSERT INTO player_analytics (slot, player_id, part, state)
SELECT ?2, player_id, part, state FROM main.player_analytics WHERE slot = ?1
