-- In the order of keys: where two transactions store the same events, the second waits for the
-- first and then finds them stored. One that was noted when it came first is not new where its time says that
-- it lies. Answers the keys of those that are new.
INSERT INTO scoreline.events (
    key_time, player_id, event_id, event_time, event_type, received_at, counted_at, content, payload,
    applied_at
)
SELECT e.key_time, e.player_id, e.event_id, e.event_time, e.event_type, e.received_at, e.counted_at,
    e.content, e.payload, $10
FROM unnest(
    $1::bigint[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::text[], $11::boolean[]
) AS e (
    key_time, player_id, event_id, event_time, event_type, received_at, counted_at, content, payload,
    is_noted
)
WHERE e.is_noted OR (
    SELECT n.key_time FROM scoreline.event_keys n
    WHERE n.player_id = e.player_id AND n.event_id = e.event_id
    LIMIT 1
) IS NULL
ON CONFLICT DO NOTHING
RETURNING player_id, event_id
