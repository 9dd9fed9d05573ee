-- Who became a player.
SELECT player_id FROM moved_players WHERE moved_to = ?1
