INSERT INTO scoreline.erasure_requests (player_id, message, asked_at)
SELECT $1::text, $2::text, $3::bigint
WHERE (SELECT count(*) FROM scoreline.erasure_requests) < $4::bigint
ON CONFLICT DO NOTHING
