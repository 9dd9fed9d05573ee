-- Events that wait for an operator's word.
INSERT INTO scoreline.reviews (
    player_id, event_id, event_time, event_type, received_at, content, payload, rule, reason, held_at,
    accepted
)
SELECT player_id, gen_random_uuid(), at, 'game_ended', at + 900, 0, $2, 'clock',
       'played longer than time has passed', at + 1000, false
FROM (
    SELECT player_id, $3::bigint + (n - 1) * $4::bigint / cardinality($1::text[]) AS at
    FROM unnest($1::text[]) WITH ORDINALITY AS p (player_id, n)
) AS told
