DELETE FROM scoreline.turns WHERE name = $1 AND node_id = $2
