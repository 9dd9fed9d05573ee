SELECT shape_no FROM payload_shapes WHERE event_type = ?1 AND names = ?2
