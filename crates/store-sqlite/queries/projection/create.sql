-- In the slot that was taken last.
INSERT INTO projections (kind, name, fingerprint, meaning, slot, complete, pending)
SELECT ?1, ?2, ?3, ?4, next_slot - 1, ?5, ?6 FROM store_state
