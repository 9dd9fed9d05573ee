-- From one contender on to before another, for each pair. Better is: more points, reached earlier,
-- the smaller id. In three parts, so that each is a range of board_entries_by_rank: as good as the
-- first, in between, as good as the second. Where both are equally good, the last part is all.
SELECT (
    SELECT count(*) FROM scoreline.board_entries b
    WHERE b.slot = $1 AND b.period = $2 AND k.from_points > k.points AND b.points = k.from_points
      AND (b.reached_at, b.player_id) >= (k.from_reached, k.from_player)
) + (
    SELECT count(*) FROM scoreline.board_entries b
    WHERE b.slot = $1 AND b.period = $2 AND b.points < k.from_points AND b.points > k.points
) + (
    SELECT count(*) FROM scoreline.board_entries b
    WHERE b.slot = $1 AND b.period = $2 AND b.points = k.points
      AND (b.reached_at, b.player_id) < (k.reached, k.player)
      AND (b.reached_at, b.player_id) >= (
          CASE WHEN k.from_points > k.points THEN -9223372036854775808 ELSE k.from_reached END,
          CASE WHEN k.from_points > k.points THEN '' ELSE k.from_player END
      )
)
FROM unnest(
    $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::text[]
) WITH ORDINALITY AS k (from_points, from_reached, from_player, points, reached, player, place)
ORDER BY k.place
