DELETE FROM scoreline.nodes WHERE reported_at < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
