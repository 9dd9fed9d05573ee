DELETE FROM blocked_names WHERE skeleton = ?1
