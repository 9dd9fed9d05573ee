-- Held by whoever must not meet a change of the plan, a move or an erasure: they wait for it, and it for them.
SELECT pg_advisory_xact_lock_shared($1)
