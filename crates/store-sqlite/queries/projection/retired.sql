SELECT projection_no, kind, name, fingerprint
FROM projections
WHERE retired_at IS NOT NULL
ORDER BY projection_no
