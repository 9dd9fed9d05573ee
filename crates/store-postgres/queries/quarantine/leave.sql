DELETE FROM scoreline.quarantine WHERE quarantine_no = ANY ($1) RETURNING discarded_at
