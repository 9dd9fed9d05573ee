CREATE TABLE scoreline.schema_migrations (
    version BIGINT PRIMARY KEY,
    checksum BIGINT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
