-- Into whichever table stands first; see changes.rs.
INSERT INTO player_analytics (slot, player_no, part, state)
SELECT ?2, player_no, part, state FROM main.player_analytics WHERE slot = ?1
