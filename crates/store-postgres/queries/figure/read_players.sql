-- The sketches of some figures in one shard, which nobody else writes meanwhile; NULL where there is
-- none yet. Looked up one by one: as a join, the planner would rather read and hash the whole table,
-- a page a row, in every transaction.
SELECT k.place, (
    SELECT p.players FROM scoreline.figure_players p
    WHERE p.slot = k.slot AND p.grain_ms = k.grain_ms AND p.start_at = k.start_at
      AND p.event_type = k.event_type AND p.shard = $5
)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
    WITH ORDINALITY AS k (slot, grain_ms, start_at, event_type, place)
