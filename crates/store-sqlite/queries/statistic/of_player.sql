SELECT s.slot, s.value
FROM player_statistics s
JOIN projections p ON p.slot = s.slot AND p.retired_at IS NULL
WHERE s.player_id = ?1
