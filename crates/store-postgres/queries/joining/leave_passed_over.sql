DELETE FROM scoreline.passed_over WHERE player_id = $1
