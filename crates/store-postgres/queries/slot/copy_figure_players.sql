INSERT INTO scoreline.figure_players (slot, grain_ms, start_at, event_type, shard, players)
SELECT $2, grain_ms, start_at, event_type, shard, players
FROM scoreline.figure_players WHERE slot = $1
