-- The entries of a player, locked.
SELECT review_no, event_id, decided_at IS NULL, accepted FROM scoreline.reviews
WHERE player_id = $1
FOR UPDATE
