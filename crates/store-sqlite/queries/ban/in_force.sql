SELECT shadow, until FROM bans WHERE player_id = ?1 AND is_banned
