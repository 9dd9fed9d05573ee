DELETE FROM quarantine WHERE quarantine_no = ?1 RETURNING discarded_at
