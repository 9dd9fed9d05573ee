UPDATE projections SET slot = filling_slot, complete = 1, filling_slot = NULL
WHERE projection_no = ?1
