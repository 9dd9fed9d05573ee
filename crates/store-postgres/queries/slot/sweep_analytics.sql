DELETE FROM scoreline.player_analytics WHERE slot = $3 AND player_id > $1 AND player_id <= $2
