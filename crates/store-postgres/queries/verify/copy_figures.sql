INSERT INTO pg_temp.figures
SELECT $2, grain_ms, start_at, event_type, shard, events, processing_ms, first_at, last_at
FROM scoreline.figures WHERE slot = $1
