DELETE FROM quarantine WHERE discarded_at < ?1
