-- Parts of players that the raw events do not give, or give otherwise.
SELECT m.slot, json_array(m.player_id, m.part), hex(m.state), coalesce(hex(s.state), '')
FROM main.player_analytics m
LEFT JOIN temp.player_analytics s
    ON s.slot = m.slot AND s.player_id = m.player_id AND s.part = m.part
WHERE m.slot IN (SELECT slot FROM compared) AND s.state IS NOT m.state
