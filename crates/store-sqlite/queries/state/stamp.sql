UPDATE store_state SET last_stamp = max(last_stamp, ?1) RETURNING last_stamp
