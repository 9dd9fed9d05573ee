SELECT u.slot, u.amount
FROM scoreline.player_statistics s
CROSS JOIN unnest(s.slots, s.amounts) AS u (slot, amount)
JOIN scoreline.projections p ON p.slot = u.slot AND p.retired_at IS NULL
WHERE s.player_id = $1
