INSERT INTO pg_temp.figure_players
SELECT $2, grain_ms, start_at, event_type, shard, players
FROM scoreline.figure_players WHERE slot = $1
