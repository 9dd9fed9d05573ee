UPDATE scoreline.projections SET retired_at = $2 WHERE projection_no = $1
