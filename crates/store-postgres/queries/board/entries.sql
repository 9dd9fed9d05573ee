-- Who is not on the board is left out. OFFSET makes it one look-up a player: with `= ANY`, a planner without statistics
-- walks through the whole board.
SELECT e.*
FROM unnest($3::text[]) AS k (player_id)
CROSS JOIN LATERAL (
    SELECT b.player_id, b.points, b.reached_at, b.attempts, b.last_at, b.sum_0, b.sum_1, b.sum_2, b.sum_3, b.taken_back
    FROM scoreline.board_entries b
    WHERE b.slot = $1 AND b.period = $2 AND b.player_id = k.player_id AND b.attempts > 0
    OFFSET 0
) e
