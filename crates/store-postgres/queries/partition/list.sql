-- The days there are partitions for, by the names of these.
SELECT c.relname::text
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'scoreline.events'::regclass AND c.relname ~ '^events_[0-9]{8}$'
ORDER BY 1
