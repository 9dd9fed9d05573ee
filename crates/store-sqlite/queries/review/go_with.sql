-- What was decided about an event goes with it: nobody could accept what is not there.
DELETE FROM reviews WHERE player_id = ?1 AND event_id = ?2 AND decided_at IS NOT NULL
