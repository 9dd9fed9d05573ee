-- Of a player who ever sent an event there are statistics, or all of the events are voided.
DELETE FROM scoreline.players
WHERE player_id IN (
    SELECT p.player_id
    FROM scoreline.players p
    WHERE p.secret_hash IS NOT NULL AND p.secret_at < $1
      AND p.nickname IS NULL AND p.sessions_revoked = 0
      AND NOT EXISTS (SELECT 1 FROM scoreline.player_statistics s WHERE s.player_id = p.player_id)
      AND NOT EXISTS (SELECT 1 FROM scoreline.event_keys k WHERE k.player_id = p.player_id)
    LIMIT $2 FOR UPDATE SKIP LOCKED
)
