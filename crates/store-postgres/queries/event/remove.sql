DELETE FROM scoreline.events e
USING unnest($1::bigint[], $2::text[], $3::uuid[]) AS k (key_time, player_id, event_id)
WHERE e.key_time = k.key_time AND e.player_id = k.player_id AND e.event_id = k.event_id
