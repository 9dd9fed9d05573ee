UPDATE scoreline.projections SET retired_at = NULL, slot = $2, complete = $3 WHERE projection_no = $1
