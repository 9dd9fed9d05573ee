SELECT player_id, is_banned, shadow, until, version FROM scoreline.bans WHERE player_id = $1 AND is_banned
