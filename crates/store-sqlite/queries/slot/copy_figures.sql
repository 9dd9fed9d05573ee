INSERT INTO figures (
    slot, grain_ms, start_at, event_type, events, processing_ms, first_at, last_at, players
)
SELECT ?2, grain_ms, start_at, event_type, events, processing_ms, first_at, last_at, players
FROM main.figures WHERE slot = ?1
