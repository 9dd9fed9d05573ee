INSERT INTO scoreline.figures AS known (
    slot, grain_ms, start_at, event_type, shard, events, processing_ms, first_at, last_at
)
SELECT k.slot, k.grain_ms, k.start_at, k.event_type, $5,
       k.events, k.processing_ms, k.first_at, k.last_at
FROM unnest(
    $1::bigint[], $2::bigint[], $3::bigint[], $4::text[],
    $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]
) AS k (slot, grain_ms, start_at, event_type, events, processing_ms, first_at, last_at)
ON CONFLICT (slot, grain_ms, start_at, event_type, shard) DO UPDATE SET
    events = known.events + excluded.events,
    processing_ms = known.processing_ms + excluded.processing_ms,
    first_at = least(known.first_at, excluded.first_at),
    last_at = greatest(known.last_at, excluded.last_at)
