-- Into whichever table stands first; see changes.rs.
INSERT INTO player_state (player_no, slot, part, state)
SELECT player_no, ?2, part, state FROM main.player_state WHERE slot = ?1
