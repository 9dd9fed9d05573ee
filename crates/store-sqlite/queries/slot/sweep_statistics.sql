UPDATE player_state
SET slots = json_remove(slots, found.place), amounts = json_remove(amounts, found.place)
FROM (
    SELECT s.player_no, '$[' || u.key || ']' AS place
    FROM player_numbers p
    CROSS JOIN player_state s ON s.player_no = p.player_no AND s.slot = 0 AND s.part = 0
    JOIN json_each(s.slots) u
    WHERE p.player_id > ?1 AND p.player_id <= ?2 AND u.value = ?3
) AS found
WHERE player_state.player_no = found.player_no AND player_state.slot = 0 AND player_state.part = 0
