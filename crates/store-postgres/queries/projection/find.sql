SELECT projection_no, retired_at IS NOT NULL FROM scoreline.projections
WHERE kind = $1 AND name = $2 AND fingerprint = $3
