-- The copy of an event in the list, if it was held.
UPDATE scoreline.reviews SET received_at = $3, counted_at = $4 WHERE player_id = $1 AND event_id = $2
