INSERT INTO scoreline.dead_events (
    event_time, event_id, player_id, event_type, received_at, payload, reason, attempts, died_at
)
SELECT at, gen_random_uuid(), player_id, 'game_ended', at + 900, $2,
       'a value or a sum is too large to be counted', 3, at + 9000
FROM (
    SELECT player_id, $3::bigint + (n - 1) * $4::bigint / cardinality($1::text[]) AS at
    FROM unnest($1::text[]) WITH ORDINALITY AS p (player_id, n)
) AS told
