INSERT INTO scoreline.player_statistics (player_id, slot, value)
SELECT player_id, $2, value FROM scoreline.player_statistics WHERE slot = $1
