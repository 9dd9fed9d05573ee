SELECT shadow, until FROM scoreline.bans WHERE player_id = $1 AND is_banned
