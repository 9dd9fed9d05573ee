-- Into whichever table stands first; see changes.rs.
INSERT INTO player_state (player_no, slot, part, slots, amounts)
SELECT s.player_no, 0, 0, json_array(?2), json_array(json_extract(s.amounts, '$[' || u.key || ']'))
FROM main.player_state s JOIN json_each(s.slots) u
WHERE s.slot = 0 AND u.value = ?1
ON CONFLICT (player_no, slot, part) DO UPDATE SET
    slots = json_insert(slots, '$[#]', ?2),
    amounts = json_insert(amounts, '$[#]', json_extract(excluded.amounts, '$[0]'))
