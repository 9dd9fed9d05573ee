SELECT event_id FROM scoreline.voids WHERE player_id = $1 AND unvoided_at IS NULL
