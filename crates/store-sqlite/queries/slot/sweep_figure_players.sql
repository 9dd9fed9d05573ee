DELETE FROM figure_players WHERE (slot, grain_ms, start_at, event_type) IN (
    SELECT slot, grain_ms, start_at, event_type FROM figure_players WHERE slot = ?1 LIMIT ?2
)
