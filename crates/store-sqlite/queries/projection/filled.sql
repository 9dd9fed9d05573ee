SELECT filled, (SELECT applied - removed FROM store_state)
FROM projections WHERE projection_no = ?1
