-- Held by a node that becomes one of the nodes: a migration comes before it, or sees it.
SELECT pg_advisory_xact_lock_shared($1)
