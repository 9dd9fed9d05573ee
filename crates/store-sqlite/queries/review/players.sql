-- Each player once, through the index of those that wait by player.
SELECT DISTINCT player_id FROM reviews
WHERE player_id > ?1 AND decided_at IS NULL
ORDER BY player_id
LIMIT ?2
