SELECT s.slot, s.value
FROM scoreline.player_statistics s
JOIN scoreline.projections p ON p.slot = s.slot AND p.retired_at IS NULL
WHERE s.player_id = $1
