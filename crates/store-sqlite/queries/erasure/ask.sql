INSERT INTO erasure_requests (player_id, message, asked_at)
SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM erasure_requests) < ?4
ON CONFLICT DO NOTHING
