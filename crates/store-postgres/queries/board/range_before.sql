-- Up from a contender, as board/range.sql goes down.
SELECT player_id, points, reached_at FROM (
    (
        SELECT player_id, points, reached_at FROM scoreline.board_entries
        WHERE slot = $1 AND period = $2 AND points = $3 AND (reached_at, player_id) < ($4, $5)
        ORDER BY points, reached_at DESC, player_id DESC
        LIMIT $6
    )
    UNION ALL
    (
        SELECT player_id, points, reached_at FROM scoreline.board_entries
        WHERE slot = $1 AND period = $2 AND points > $3
        ORDER BY points, reached_at DESC, player_id DESC
        LIMIT $6
    )
) AS earlier
ORDER BY points, reached_at DESC, player_id DESC
LIMIT $6
