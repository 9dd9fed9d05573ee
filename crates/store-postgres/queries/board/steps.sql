-- Every $3-th contender. One look into board_entries_by_rank a step, in two parts, so that each is a
-- range of it; numbering all rows took four times as long.
WITH RECURSIVE steps (player_id, points, reached_at) AS (
    (
        SELECT player_id, points, reached_at FROM scoreline.board_entries
        WHERE slot = $1 AND period = $2
        ORDER BY points DESC, reached_at, player_id
        LIMIT 1
    )
    UNION ALL
    SELECT next.player_id, next.points, next.reached_at
    FROM steps s CROSS JOIN LATERAL (
        SELECT * FROM (
            (
                SELECT player_id, points, reached_at FROM scoreline.board_entries b
                WHERE b.slot = $1 AND b.period = $2 AND b.points = s.points
                  AND (b.reached_at, b.player_id) > (s.reached_at, s.player_id)
                ORDER BY b.points DESC, b.reached_at, b.player_id
                LIMIT $3::bigint
            )
            UNION ALL
            (
                SELECT player_id, points, reached_at FROM scoreline.board_entries b
                WHERE b.slot = $1 AND b.period = $2 AND b.points < s.points
                ORDER BY b.points DESC, b.reached_at, b.player_id
                LIMIT $3::bigint
            )
        ) AS later
        ORDER BY points DESC, reached_at, player_id
        LIMIT 1 OFFSET $3::bigint - 1
    ) AS next
)
SELECT player_id, points, reached_at FROM steps
ORDER BY points DESC, reached_at, player_id
