SELECT player_id, is_banned, shadow, until, version FROM bans
WHERE player_id > ?1
ORDER BY player_id
LIMIT ?2
