SELECT u.value, json_extract(s.amounts, '$[' || u.key || ']')
FROM player_state s
JOIN json_each(s.slots) u
JOIN projections p ON p.slot = u.value AND p.retired_at IS NULL
WHERE s.player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?1) AND s.slot = 0 AND s.part = 0
