UPDATE scoreline.projections
SET filling_slot = $2, filling_time = NULL, filling_id = NULL, filled = 0
WHERE projection_no = $1
