INSERT INTO projections (kind, name, fingerprint, meaning, slot, complete, pending)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
