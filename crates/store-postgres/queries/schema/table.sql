CREATE TABLE scoreline.schema_migrations (
    version BIGINT PRIMARY KEY,
    checksum BIGINT NOT NULL,
    -- The lowest version that a program must know to work on this schema.
    needs BIGINT NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
