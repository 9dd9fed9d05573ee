INSERT INTO scoreline.schema_migrations (version, checksum, needs) VALUES ($1, $2, $3)
