-- From a contender on: in two parts, so that each is a range of board_entries_by_rank.
SELECT player_id, points, reached_at FROM (
    (
        SELECT player_id, points, reached_at FROM scoreline.board_entries
        WHERE slot = $1 AND period = $2 AND points = $3 AND (reached_at, player_id) >= ($4, $5)
        ORDER BY points DESC, reached_at, player_id
        LIMIT $6::bigint + $7::bigint
    )
    UNION ALL
    (
        SELECT player_id, points, reached_at FROM scoreline.board_entries
        WHERE slot = $1 AND period = $2 AND points < $3
        ORDER BY points DESC, reached_at, player_id
        LIMIT $6::bigint + $7::bigint
    )
) AS later
ORDER BY points DESC, reached_at, player_id
LIMIT $6::bigint OFFSET $7::bigint
