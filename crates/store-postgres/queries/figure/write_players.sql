-- A sketch cannot be merged in SQL: it was read, merged and comes back whole.
INSERT INTO scoreline.figure_players (slot, grain_ms, start_at, event_type, shard, players)
SELECT k.slot, k.grain_ms, k.start_at, k.event_type, $5, k.players
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $6::bytea[])
    AS k (slot, grain_ms, start_at, event_type, players)
ON CONFLICT (slot, grain_ms, start_at, event_type, shard) DO UPDATE SET players = excluded.players
