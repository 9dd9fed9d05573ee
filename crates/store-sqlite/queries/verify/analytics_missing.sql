-- Parts of players that the raw events give and that are not stored.
SELECT s.slot, json_array(p.player_id, s.part), '', hex(s.state)
FROM temp.player_state s
JOIN main.player_numbers p ON p.player_no = s.player_no
LEFT JOIN main.player_state m
    ON m.slot = s.slot AND m.player_no = s.player_no AND m.part = s.part
WHERE s.slot IN (SELECT slot FROM compared) AND m.slot IS NULL
