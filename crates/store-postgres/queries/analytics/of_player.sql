-- A player's parts in some slots, locked.
SELECT slot, part, state FROM scoreline.player_analytics
WHERE slot = ANY ($1::bigint[]) AND player_id = $2
ORDER BY slot, part
FOR NO KEY UPDATE
