DELETE FROM scoreline.figure_players WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM scoreline.figure_players WHERE slot = $1 LIMIT $2
))
