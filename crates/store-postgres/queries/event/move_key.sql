-- Of events that are noted.
UPDATE scoreline.event_keys n SET key_time = k.key_time
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) AS k (player_id, event_id, key_time)
WHERE n.player_id = k.player_id AND n.event_id = k.event_id
