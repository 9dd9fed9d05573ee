-- Held events do not count from their application on. One that retention removed may come again.
WITH held AS (
    SELECT * FROM unnest(
        $1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[],
        $9::text[], $10::text[], $11::boolean[]
    ) AS h (
        player_id, event_id, event_time, event_type, received_at, counted_at, content, payload, rule, reason,
        is_refused
    )
), voided AS (
    INSERT INTO scoreline.voids (player_id, event_id, voided_at)
    SELECT player_id, event_id, $12 FROM held
)
INSERT INTO scoreline.reviews (
    player_id, event_id, event_time, event_type, received_at, counted_at, content, payload, rule, reason, held_at,
    decided_at, accepted
)
SELECT player_id, event_id, event_time, event_type, received_at, counted_at, content, payload, rule, reason, $12,
       CASE WHEN is_refused THEN $12 END, false
FROM held
ON CONFLICT (player_id, event_id) DO UPDATE SET
    event_time = excluded.event_time,
    event_type = excluded.event_type,
    received_at = excluded.received_at,
    counted_at = excluded.counted_at,
    content = excluded.content,
    payload = excluded.payload,
    rule = excluded.rule,
    reason = excluded.reason,
    held_at = excluded.held_at,
    decided_at = excluded.decided_at,
    accepted = false,
    note = NULL
