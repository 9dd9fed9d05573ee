-- How an index is made, the constraint that it stands for if there is one, and its table.
SELECT pg_get_indexdef(i.indexrelid), pg_get_constraintdef(c.oid), i.indrelid::regclass::text
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
WHERE i.indexrelid = $1::text::regclass
