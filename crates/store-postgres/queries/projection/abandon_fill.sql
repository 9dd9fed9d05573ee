UPDATE scoreline.projections SET filling_slot = NULL WHERE projection_no = $1
