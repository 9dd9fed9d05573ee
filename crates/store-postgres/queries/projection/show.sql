UPDATE scoreline.projections SET pending = false WHERE projection_no = $1
