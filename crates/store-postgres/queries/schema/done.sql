SELECT version, checksum, needs FROM scoreline.schema_migrations ORDER BY version
