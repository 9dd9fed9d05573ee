DELETE FROM scoreline.player_analytics WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM scoreline.player_analytics WHERE slot = $1 LIMIT $2
))
