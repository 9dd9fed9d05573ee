-- Players of whom something else is stored than recomputed, or who are only on one side.
SELECT coalesce(m.player_id, s.player_id),
    coalesce(m.slots, '[]'), coalesce(m.amounts, '[]'),
    coalesce(s.slots, '[]'), coalesce(s.amounts, '[]')
FROM main.player_statistics m
FULL JOIN temp.player_statistics s ON s.player_id = m.player_id
WHERE (m.slots, m.amounts) IS NOT (s.slots, s.amounts)
