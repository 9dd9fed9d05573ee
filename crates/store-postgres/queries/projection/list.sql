SELECT projection_no, kind, name, fingerprint, slot, complete, filling_slot, meaning, pending
FROM scoreline.projections
WHERE retired_at IS NULL
ORDER BY projection_no
