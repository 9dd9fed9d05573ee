-- A resend of a rejected event is the same entry, seen once more. In the order of digests, so that
-- two that put the same ones cannot deadlock. Answers how often each came by now.
INSERT INTO scoreline.quarantine AS known (
    digest, item_index, event_type, player_id, event_id, code, field, message,
    received_at, sent_at, occurrence, raw, bytes, sent_by, times_seen
)
SELECT * FROM unnest(
    $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[],
    $14::text[], $15::bigint[]
)
ON CONFLICT (digest) DO UPDATE SET times_seen = known.times_seen + excluded.times_seen
RETURNING digest, times_seen
