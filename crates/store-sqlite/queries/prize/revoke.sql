UPDATE prizes SET revoked_at = ?2 WHERE prize_id = ?1
