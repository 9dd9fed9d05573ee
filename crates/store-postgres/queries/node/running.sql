SELECT node_id, watermark, version, address, reported_at
FROM scoreline.nodes
-- A report from the future is of a clock that was set back since.
WHERE reported_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
    AND reported_at <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $1
ORDER BY node_id
