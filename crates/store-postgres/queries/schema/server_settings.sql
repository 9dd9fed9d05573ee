SELECT split_part(current_setting('server_version'), ' ', 1),
    current_setting('synchronous_commit'),
    current_setting('fsync')::boolean,
    current_setting('full_page_writes')::boolean,
    current_setting('max_connections')::bigint,
    pg_size_bytes(current_setting('max_wal_size'))
