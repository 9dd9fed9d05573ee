-- Locked, so that the state before that is logged is the one that is changed.
SELECT player_id, is_banned, shadow, until, version FROM scoreline.bans WHERE player_id = $1
FOR UPDATE
