DELETE FROM scoreline.dead_events d
USING unnest($1::text[], $2::uuid[]) AS k (player_id, event_id)
WHERE d.player_id = k.player_id AND d.event_id = k.event_id
RETURNING d.discarded_at
