-- Parts of players that the raw events give and that are not stored.
SELECT s.slot, json_array(s.player_id, s.part), '', hex(s.state)
FROM temp.player_analytics s
LEFT JOIN main.player_analytics m
    ON m.slot = s.slot AND m.player_id = s.player_id AND m.part = s.part
WHERE s.slot IN (SELECT slot FROM compared) AND m.slot IS NULL
