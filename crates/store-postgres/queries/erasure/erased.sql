-- Those of some tombstones that there are, by their places.
SELECT t.place FROM unnest($1::uuid[]) WITH ORDINALITY AS t (tombstone, place)
WHERE EXISTS (SELECT 1 FROM scoreline.erasures e WHERE e.tombstone = t.tombstone)
