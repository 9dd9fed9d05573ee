-- Figures that the raw events give and that are not stored; columns as in figures_stored.sql.
SELECT s.slot, s.grain_ms, s.start_at, s.event_type, NULL, NULL, NULL, NULL, NULL,
    s.events, s.processing_ms, s.first_at, s.last_at, p.players
FROM temp.figures s
JOIN temp.figure_players p USING (slot, grain_ms, start_at, event_type)
LEFT JOIN main.figures m
    ON m.slot = s.slot AND m.grain_ms = s.grain_ms
    AND m.start_at = s.start_at AND m.event_type = s.event_type
WHERE s.slot IN (SELECT slot FROM compared)
  AND s.start_at >= iif(s.grain_ms = ?1, ?2, ?3)
  AND m.slot IS NULL
