DELETE FROM bans WHERE player_id = ?1 RETURNING version
