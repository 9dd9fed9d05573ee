INSERT INTO pg_temp.compared (slot) SELECT * FROM unnest($1::bigint[])
