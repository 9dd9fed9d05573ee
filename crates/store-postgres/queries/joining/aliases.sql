-- Who became a player.
SELECT player_id FROM scoreline.moved_players WHERE moved_to = $1
