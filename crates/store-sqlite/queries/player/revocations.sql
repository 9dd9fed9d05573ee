-- Few players have any, and they are read when a node starts: no index.
SELECT player_id, sessions_revoked FROM players
WHERE player_id > ?1 AND sessions_revoked > 0
ORDER BY player_id
LIMIT ?2
