UPDATE scoreline.projections SET retired_at = $2, pending = false WHERE projection_no = $1
