UPDATE projections SET pending = 0 WHERE projection_no = ?1
