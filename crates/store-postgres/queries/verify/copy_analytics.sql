INSERT INTO pg_temp.player_analytics
SELECT $2, player_id, part, state FROM scoreline.player_analytics WHERE slot = $1
