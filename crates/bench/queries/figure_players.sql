-- The same sketch for each figure of this width.
INSERT INTO scoreline.figure_players (slot, grain_ms, start_at, event_type, shard, players)
SELECT slot, grain_ms, start_at, event_type, shard, $3
FROM scoreline.figures WHERE slot = $1 AND grain_ms = $2
