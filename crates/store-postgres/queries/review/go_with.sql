-- What was decided about events goes with them: nobody could accept what is not there.
DELETE FROM scoreline.reviews r
USING unnest($1::text[], $2::uuid[]) AS e (player_id, event_id)
WHERE r.player_id = e.player_id AND r.event_id = e.event_id AND r.decided_at IS NOT NULL
