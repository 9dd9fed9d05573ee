-- In the slot that was taken last.
INSERT INTO scoreline.projections (kind, name, fingerprint, meaning, slot, complete, pending)
SELECT $1, $2, $3, $4, next_slot - 1, $5, $6 FROM scoreline.store_state
