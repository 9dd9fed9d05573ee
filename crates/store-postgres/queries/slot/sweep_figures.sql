DELETE FROM scoreline.figures WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM scoreline.figures WHERE slot = $1 LIMIT $2
))
