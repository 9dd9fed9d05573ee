INSERT INTO scoreline.player_analytics (slot, player_id, part, state)
SELECT $2, player_id, part, state FROM scoreline.player_analytics WHERE slot = $1
