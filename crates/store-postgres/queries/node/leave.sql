DELETE FROM scoreline.nodes WHERE node_id = $1
