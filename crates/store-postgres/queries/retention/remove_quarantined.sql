DELETE FROM scoreline.quarantine WHERE discarded_at < $1
