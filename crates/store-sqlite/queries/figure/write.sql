INSERT OR REPLACE INTO figures (
    slot, grain_ms, start_at, event_type, events, processing_ms, first_at, last_at
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
