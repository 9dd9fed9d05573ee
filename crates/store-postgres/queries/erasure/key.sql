SELECT key FROM scoreline.erasure_keys
