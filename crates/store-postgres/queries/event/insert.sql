-- In the order of keys: where two transactions store the same events, the second waits for the
-- first and then finds them stored. Answers the keys of those that are new.
INSERT INTO scoreline.events (
    event_time, event_id, player_id, event_type, received_at, counted_at, payload, applied_at
)
SELECT *, $8 FROM unnest(
    $1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]
)
ON CONFLICT DO NOTHING
RETURNING event_time, event_id
