-- For events whose ids hold no time, or one that lies ahead, in the order of keys. Answers those that were free.
INSERT INTO scoreline.event_keys (player_id, event_id, key_time)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])
ON CONFLICT DO NOTHING
RETURNING player_id, event_id
