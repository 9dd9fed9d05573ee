DELETE FROM scoreline.board_entries WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM scoreline.board_entries WHERE slot = $1 LIMIT $2
))
