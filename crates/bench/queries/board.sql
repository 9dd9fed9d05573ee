-- What is left of twenty games of a score between 1,000 and 10,000, reached within the last $5
-- milliseconds before $4. Few of the next ones are better.
INSERT INTO scoreline.board_entries (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id, sum_0, sum_1, sum_2, sum_3
)
SELECT $1, $2, player_id, 1000 + floor(9000 * power(random(), 0.05))::bigint,
       $4 - floor(random() * $5::bigint)::bigint, 20, $4, NULL, 6000, 0, 0, 0
FROM unnest($3::text[]) AS player_id
