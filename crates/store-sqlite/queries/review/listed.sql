-- The entries of a player.
SELECT review_no, event_id, decided_at IS NULL, accepted FROM reviews WHERE player_id = ?1
