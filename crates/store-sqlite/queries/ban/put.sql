-- The version of a ban only grows, whatever the clocks say.
INSERT INTO bans (player_id, is_banned, shadow, until, version) VALUES (?1, ?2, ?3, ?4, 1)
ON CONFLICT (player_id) DO UPDATE SET
    is_banned = excluded.is_banned,
    shadow = excluded.shadow,
    until = excluded.until,
    version = version + 1
RETURNING version
