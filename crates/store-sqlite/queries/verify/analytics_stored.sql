-- Parts of players that the raw events do not give, or give otherwise.
SELECT m.slot, json_array(p.player_id, m.part), hex(m.state), coalesce(hex(s.state), '')
FROM main.player_state m
JOIN main.player_numbers p ON p.player_no = m.player_no
LEFT JOIN temp.player_state s
    ON s.slot = m.slot AND s.player_no = m.player_no AND s.part = m.part
WHERE m.slot IN (SELECT slot FROM compared) AND s.state IS NOT m.state
