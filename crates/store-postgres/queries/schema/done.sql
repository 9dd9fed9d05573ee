SELECT version, checksum FROM scoreline.schema_migrations ORDER BY version
