SELECT player_id FROM bans WHERE is_banned AND until <= ?1 ORDER BY player_id LIMIT ?2
