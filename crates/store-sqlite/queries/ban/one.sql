SELECT player_id, is_banned, shadow, until, version FROM bans WHERE player_id = ?1
