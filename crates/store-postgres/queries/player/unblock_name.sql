DELETE FROM scoreline.blocked_names WHERE skeleton = $1
