UPDATE scoreline.projections SET meaning = $2 WHERE projection_no = $1
