SELECT slot, grain_ms, start_at, event_type, events, processing_ms, first_at, last_at, players
FROM figures LEFT JOIN figure_players USING (slot, grain_ms, start_at, event_type)
WHERE slot = ?1 AND grain_ms = ?2 AND start_at >= ?3
ORDER BY start_at, event_type
