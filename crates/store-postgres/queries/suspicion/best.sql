-- Points and attempts of some entries, each with its place. Looked up one by one, as there are few.
SELECT k.place, e.points, e.attempts
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY AS k (slot, period, player_id, place)
CROSS JOIN LATERAL (
    SELECT points, attempts FROM scoreline.board_entries
    WHERE slot = k.slot AND period = k.period AND player_id = k.player_id AND attempts > 0
    OFFSET 0
) AS e
