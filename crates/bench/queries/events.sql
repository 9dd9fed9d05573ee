-- From $4 on, one after the other, over $5 milliseconds; what they are in turns out of two lists.
-- Their ids hold their times, as those of version 7 do.
INSERT INTO scoreline.events (
    key_time, player_id, event_id, event_time, event_type, received_at, counted_at, content, payload,
    applied_at
)
SELECT at, player_id,
       overlay(gen_random_uuid()::text PLACING substr(lpad(to_hex(at), 12, '0'), 1, 8) || '-'
           || substr(lpad(to_hex(at), 12, '0'), 9, 4) || '-7' FROM 1 FOR 15)::uuid,
       at, ($2::text[])[kind], at + 900, NULL, n, ($3::text[])[kind], at + 1000
FROM (
    SELECT player_id, n, $4::bigint + (n - 1) * $5::bigint / cardinality($1::text[]) AS at,
           1 + (n - 1) % cardinality($2::text[]) AS kind
    FROM unnest($1::text[]) WITH ORDINALITY AS p (player_id, n)
) AS told
