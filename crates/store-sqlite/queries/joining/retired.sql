-- Their baselines are kept, for when they come back.
SELECT projection_no, kind, name, fingerprint, slot, complete, filling_slot, meaning, pending
FROM projections
WHERE retired_at IS NOT NULL
ORDER BY projection_no
