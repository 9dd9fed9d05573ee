INSERT INTO scoreline.projections (kind, name, fingerprint, slot, complete) VALUES ($1, $2, $3, $4, $5)
