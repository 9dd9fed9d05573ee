UPDATE scoreline.projections SET filling_position = $2, filled = filled + $3
WHERE projection_no = $1
