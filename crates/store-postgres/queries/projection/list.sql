SELECT projection_no, kind, name, fingerprint, slot, complete,
       filling_slot, filling_time, filling_id, meaning, pending
FROM scoreline.projections
WHERE retired_at IS NULL
ORDER BY projection_no
