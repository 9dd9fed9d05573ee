SELECT EXISTS (SELECT 1 FROM blocked_names WHERE skeleton = ?1)
