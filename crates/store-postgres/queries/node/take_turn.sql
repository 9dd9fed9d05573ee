-- Takes a turn that is free, over, or had already. A turn that another node has stays with it.
INSERT INTO scoreline.turns AS known (name, node_id, until)
VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3)
ON CONFLICT (name) DO UPDATE SET node_id = excluded.node_id, until = excluded.until
WHERE known.node_id = excluded.node_id
    OR known.until <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    -- Nobody takes a turn for longer than this: the clock was set back since.
    OR known.until > (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3
