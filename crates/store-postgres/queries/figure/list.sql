-- A figure is what its rows, one a shard, are together.
SELECT f.slot, f.grain_ms, f.start_at, f.event_type,
       f.events, f.processing_ms, f.first_at, f.last_at, p.players
FROM scoreline.figures f
LEFT JOIN scoreline.figure_players p USING (slot, grain_ms, start_at, event_type, shard)
WHERE f.slot = $1 AND f.grain_ms = $2 AND f.start_at >= $3 AND f.start_at < $4
ORDER BY f.start_at, f.event_type
