-- Of removed events.
DELETE FROM scoreline.event_keys n
USING unnest($1::text[], $2::uuid[]) AS k (player_id, event_id)
WHERE n.player_id = k.player_id AND n.event_id = k.event_id
