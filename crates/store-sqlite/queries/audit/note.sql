INSERT INTO audit_log (at, who, key_id, address, what, target, note, before, after) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
