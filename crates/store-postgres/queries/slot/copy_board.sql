INSERT INTO scoreline.board_entries (
    slot, period, player_id, points, reached_at, attempts, last_at, last_id,
    sum_0, sum_1, sum_2, sum_3, beyond
)
SELECT $2, period, player_id, points, reached_at, attempts, last_at, last_id,
       sum_0, sum_1, sum_2, sum_3, beyond
FROM scoreline.board_entries WHERE slot = $1
