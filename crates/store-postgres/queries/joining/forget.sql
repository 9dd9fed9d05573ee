DELETE FROM scoreline.moved_players WHERE moved_to = $1
