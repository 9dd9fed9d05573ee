SELECT split_part(current_setting('server_version'), ' ', 1),
    current_setting('synchronous_commit'),
    current_setting('fsync')::boolean,
    current_setting('full_page_writes')::boolean,
    -- What the server keeps for superusers is for nobody else, and a role and a database may have
    -- limits of their own (-1: none). Of a superuser none of this holds.
    CASE WHEN current_setting('is_superuser')::boolean THEN current_setting('max_connections')::bigint
        ELSE least(
            current_setting('max_connections')::bigint
                - current_setting('superuser_reserved_connections')::bigint
                - coalesce(current_setting('reserved_connections', true), '0')::bigint,
            (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
            (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()))
    END,
    pg_size_bytes(current_setting('max_wal_size'))
