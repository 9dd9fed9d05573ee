-- Into whichever table stands first; see changes.rs.
INSERT INTO player_statistics (player_id, slots, amounts)
SELECT s.player_id, json_array(?2), json_array(json_extract(s.amounts, '$[' || u.key || ']'))
FROM main.player_statistics s JOIN json_each(s.slots) u
WHERE u.value = ?1
ON CONFLICT (player_id) DO UPDATE SET
    slots = json_insert(slots, '$[#]', ?2),
    amounts = json_insert(amounts, '$[#]', json_extract(excluded.amounts, '$[0]'))
