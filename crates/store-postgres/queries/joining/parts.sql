-- A player's parts in some slots, to look at them or while nobody else applies.
SELECT slot, part, state FROM scoreline.player_analytics
WHERE slot = ANY ($1::bigint[]) AND player_id = $2
ORDER BY slot, part
