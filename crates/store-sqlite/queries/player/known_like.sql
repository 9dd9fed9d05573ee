-- Whoever has a name or a secret, and whoever did anything: both in the order of their keys and merged, so
-- that it ends after some rows however many there are.
SELECT player_id FROM players
WHERE player_id >= ?1 AND player_id < ?2
UNION
SELECT player_id FROM player_numbers
WHERE player_id >= ?1 AND player_id < ?2
ORDER BY player_id
LIMIT ?5
