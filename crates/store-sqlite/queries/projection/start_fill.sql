UPDATE projections
SET filling_slot = ?2, filling_position = NULL, filled = 0
WHERE projection_no = ?1
