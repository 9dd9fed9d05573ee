-- The slots of the projections that are compared.
CREATE TEMP TABLE compared (slot INTEGER PRIMARY KEY) STRICT
