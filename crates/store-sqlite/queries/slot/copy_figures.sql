INSERT INTO figures (slot, grain_ms, start_at, event_type, events, processing_ms, first_at, last_at)
SELECT ?2, grain_ms, start_at, event_type, events, processing_ms, first_at, last_at
FROM main.figures WHERE slot = ?1
