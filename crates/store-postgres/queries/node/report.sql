INSERT INTO scoreline.nodes (node_id, watermark, version, address, schema_known, reported_at)
VALUES ($1, $2, $3, $4, $5, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
ON CONFLICT (node_id) DO UPDATE SET
    watermark = excluded.watermark, version = excluded.version, address = excluded.address,
    schema_known = excluded.schema_known, reported_at = excluded.reported_at
