-- Changes nothing, and yet writes.
UPDATE store_state SET last_stamp = last_stamp
