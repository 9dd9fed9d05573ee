-- Whether a server was ever started on this schema, or something was moved into it.
SELECT (SELECT plan_version > 0 FROM scoreline.store_state)
    OR EXISTS (SELECT 1 FROM scoreline.projections)
    OR EXISTS (SELECT 1 FROM scoreline.events)
    OR EXISTS (SELECT 1 FROM scoreline.players)
