SELECT u.value, json_extract(s.amounts, '$[' || u.key || ']')
FROM player_statistics s
JOIN json_each(s.slots) u
JOIN projections p ON p.slot = u.value AND p.retired_at IS NULL
WHERE s.player_id = ?1
