INSERT INTO pg_temp.player_statistics
SELECT player_id, $2, value FROM scoreline.player_statistics WHERE slot = $1
