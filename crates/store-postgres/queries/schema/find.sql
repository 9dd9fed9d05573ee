-- Whether the schema is there, how many tables it holds, and whether ours is among them.
SELECT to_regnamespace(quote_ident($1)) IS NOT NULL,
    (SELECT count(*) FROM pg_class c
     WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relkind IN ('r', 'p', 'v')),
    to_regclass(quote_ident($1) || '.schema_migrations') IS NOT NULL
