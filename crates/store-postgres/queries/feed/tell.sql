-- The last statement of a transaction before its COMMIT.
INSERT INTO scoreline.changes (body) VALUES ($1) RETURNING xid::text
