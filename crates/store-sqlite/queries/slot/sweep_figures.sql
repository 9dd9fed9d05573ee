DELETE FROM figures WHERE (slot, grain_ms, start_at, event_type) IN (
    SELECT slot, grain_ms, start_at, event_type FROM figures WHERE slot = ?1 LIMIT ?2
)
