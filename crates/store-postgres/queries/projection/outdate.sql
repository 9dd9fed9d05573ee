UPDATE scoreline.projections SET complete = false WHERE projection_no = $1
