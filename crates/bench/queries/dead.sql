INSERT INTO scoreline.dead_events (
    player_id, event_id, event_time, event_type, received_at, content, payload, reason, attempts,
    died_at, bytes
)
SELECT player_id, gen_random_uuid(), at, 'game_ended', at + 900, 0, $2,
       'a value or a sum is too large to be counted', 3, at + 9000,
       octet_length($2)
FROM (
    SELECT player_id, $3::bigint + (n - 1) * $4::bigint / cardinality($1::text[]) AS at
    FROM unnest($1::text[]) WITH ORDINALITY AS p (player_id, n)
) AS told
