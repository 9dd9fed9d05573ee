INSERT INTO scoreline.used_tickets (player_id, run, until)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])
