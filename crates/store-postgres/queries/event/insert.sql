-- In the order of keys: where two transactions store the same events, the second waits for the
-- first and then finds them stored. Answers the keys of those that are new.
INSERT INTO scoreline.events (
    key_time, player_id, event_id, event_time, event_type, received_at, counted_at, content, payload,
    applied_at
)
SELECT *, $10 FROM unnest(
    $1::bigint[], $2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::text[]
)
ON CONFLICT DO NOTHING
RETURNING player_id, event_id
