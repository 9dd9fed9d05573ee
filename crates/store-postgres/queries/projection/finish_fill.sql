UPDATE scoreline.projections SET slot = filling_slot, complete = true, filling_slot = NULL
WHERE projection_no = $1
