-- Held by whoever changes the plan: waits for all that apply by the old one.
SELECT pg_advisory_xact_lock($1)
