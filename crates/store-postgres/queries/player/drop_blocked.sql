DELETE FROM scoreline.blocked_names WHERE skeleton = $1 AND rules <> $2
