-- Without what is being filled: how far that has come means nothing to another store, which starts
-- anew.
SELECT projection_no, kind, name, fingerprint, meaning, slot, complete, pending, retired_at, filled
FROM projections
