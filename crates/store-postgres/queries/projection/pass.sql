UPDATE scoreline.projections SET filling_time = $2, filling_id = $3, filled = filled + $4
WHERE projection_no = $1
