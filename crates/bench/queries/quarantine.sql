INSERT INTO scoreline.quarantine (
    digest, item_index, event_type, player_id, code, field, message, received_at, occurrence, raw,
    times_seen, bytes
)
SELECT gen_random_uuid(), 0, 'game_ended', player_id, 'out_of_range', 'score',
       'score must be at least 0', $3::bigint + (n - 1) * $4::bigint / cardinality($1::text[]), 0, $2, 1,
       octet_length($2)
FROM unnest($1::text[]) WITH ORDINALITY AS p (player_id, n)
