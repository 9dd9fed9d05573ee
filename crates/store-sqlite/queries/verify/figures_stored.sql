-- Only figures that retention has not removed: ?1 is the fine grain, ?2 and ?3 where the fine and
-- the coarse ones begin.
SELECT m.slot, m.grain_ms, m.start_at, m.event_type,
    m.events, m.processing_ms, m.first_at, m.last_at, mp.players,
    s.events, s.processing_ms, s.first_at, s.last_at, sp.players
FROM main.figures m
LEFT JOIN main.figure_players mp
    ON mp.slot = m.slot AND mp.grain_ms = m.grain_ms
    AND mp.start_at = m.start_at AND mp.event_type = m.event_type
LEFT JOIN temp.figures s
    ON s.slot = m.slot AND s.grain_ms = m.grain_ms
    AND s.start_at = m.start_at AND s.event_type = m.event_type
LEFT JOIN temp.figure_players sp
    ON sp.slot = m.slot AND sp.grain_ms = m.grain_ms
    AND sp.start_at = m.start_at AND sp.event_type = m.event_type
WHERE m.slot IN (SELECT slot FROM compared)
  AND m.start_at >= iif(m.grain_ms = ?1, ?2, ?3)
  AND (s.slot IS NULL
    OR (m.events, m.processing_ms, m.first_at, m.last_at, mp.players)
    IS NOT (s.events, s.processing_ms, s.first_at, s.last_at, sp.players))
