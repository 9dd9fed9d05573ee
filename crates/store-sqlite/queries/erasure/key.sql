SELECT key FROM erasure_keys
