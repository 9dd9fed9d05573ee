-- The sketches of some figures in one shard, which nobody else writes meanwhile.
SELECT k.place, p.players
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[])
    WITH ORDINALITY AS k (slot, grain_ms, start_at, event_type, place)
JOIN scoreline.figure_players p
    ON p.slot = k.slot AND p.grain_ms = k.grain_ms AND p.start_at = k.start_at
    AND p.event_type = k.event_type AND p.shard = $5
