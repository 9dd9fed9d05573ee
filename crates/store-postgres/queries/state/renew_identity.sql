-- Only while no node has reported within $1 ms: a node asks for the identity when it starts.
UPDATE scoreline.store_state SET identity = gen_random_uuid()
WHERE NOT EXISTS (
    SELECT FROM scoreline.nodes
    WHERE reported_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
)
RETURNING identity
