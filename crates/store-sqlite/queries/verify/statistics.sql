-- Players of whom something else is stored than recomputed, or who are only on one side.
SELECT p.player_id,
    coalesce(m.slots, '[]'), coalesce(m.amounts, '[]'),
    coalesce(s.slots, '[]'), coalesce(s.amounts, '[]')
FROM (SELECT * FROM main.player_state WHERE slot = 0) m
FULL JOIN (SELECT * FROM temp.player_state WHERE slot = 0) s ON s.player_no = m.player_no
JOIN main.player_numbers p ON p.player_no = coalesce(m.player_no, s.player_no)
WHERE (m.slots, m.amounts) IS NOT (s.slots, s.amounts)
