-- From $4 on, one after the other, over $5 milliseconds; what they are in turns out of two lists.
INSERT INTO scoreline.events (
    event_time, event_id, player_id, event_type, received_at, counted_at, payload, applied_at
)
SELECT at, gen_random_uuid(), player_id, ($2::text[])[kind], at + 900, NULL,
       ($3::text[])[kind], at + 1000
FROM (
    SELECT player_id, $4::bigint + (n - 1) * $5::bigint / cardinality($1::text[]) AS at,
           1 + (n - 1) % cardinality($2::text[]) AS kind
    FROM unnest($1::text[]) WITH ORDINALITY AS p (player_id, n)
) AS told
