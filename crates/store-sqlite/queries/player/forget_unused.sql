-- A player who ever sent an event has a number.
DELETE FROM players
WHERE player_id IN (
    SELECT p.player_id
    FROM players p
    WHERE p.secret_hash IS NOT NULL AND p.secret_at < ?1
      AND p.nickname IS NULL AND p.sessions_revoked = 0
      AND NOT EXISTS (SELECT 1 FROM player_numbers n WHERE n.player_id = p.player_id)
    LIMIT ?2
)
