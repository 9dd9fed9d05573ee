UPDATE projections SET retired_at = ?2, pending = 0 WHERE projection_no = ?1
