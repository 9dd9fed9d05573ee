-- The first claim of the owner wins; any other changes nothing.
UPDATE prizes SET claimed_at = ?3
WHERE prize_id = ?1 AND player_id = ?2 AND claimed_at IS NULL AND revoked_at IS NULL
