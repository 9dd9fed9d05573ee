DELETE FROM scoreline.player_statistics WHERE player_id > $1 AND player_id <= $2 AND slot = $3
