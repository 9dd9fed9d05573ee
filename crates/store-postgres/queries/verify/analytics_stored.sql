-- Parts of players that the raw events do not give, or give otherwise.
SELECT m.slot, json_build_array(m.player_id, m.part)::text,
    encode(m.state, 'hex'), coalesce(encode(s.state, 'hex'), '')
FROM scoreline.player_analytics m
LEFT JOIN pg_temp.player_analytics s
    ON s.slot = m.slot AND s.player_id = m.player_id AND s.part = m.part
WHERE m.slot IN (SELECT slot FROM pg_temp.compared) AND s.state IS DISTINCT FROM m.state
