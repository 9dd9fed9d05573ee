SELECT EXISTS (SELECT 1 FROM scoreline.blocked_names WHERE skeleton = $1)
