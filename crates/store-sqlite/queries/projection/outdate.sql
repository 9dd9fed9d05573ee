UPDATE projections SET complete = 0 WHERE projection_no = ?1
