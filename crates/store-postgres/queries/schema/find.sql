-- Whether the schema is there, how many tables it holds, and whether ours is among them. Out of the
-- catalogue, which everybody may read.
SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1),
    count(*),
    count(*) FILTER (WHERE c.relname = 'schema_migrations') > 0
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v')
