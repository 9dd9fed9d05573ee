-- Better is: more points, reached earlier, the smaller id. In two parts, so that each is a range of
-- board_entries_by_rank.
SELECT e.player_id, e.points, e.reached_at, 1 + (
    SELECT count(*) FROM scoreline.board_entries b
    WHERE b.slot = e.slot AND b.period = e.period AND b.points > e.points
) + (
    SELECT count(*) FROM scoreline.board_entries b
    WHERE b.slot = e.slot AND b.period = e.period AND b.points = e.points
      AND (b.reached_at, b.player_id) < (e.reached_at, e.player_id)
)
FROM scoreline.board_entries e
WHERE e.slot = $1 AND e.period = $2 AND e.player_id = ANY ($3)
