-- A node that runs and knows a version of the schema lower than this.
SELECT address, version
FROM scoreline.nodes
WHERE schema_known < $1
    AND reported_at > (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $2
ORDER BY address
LIMIT 1
