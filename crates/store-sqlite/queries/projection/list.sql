SELECT projection_no, kind, name, fingerprint, slot, complete,
       filling_slot, filling_time, filling_id, meaning, pending
FROM projections
WHERE retired_at IS NULL
ORDER BY projection_no
