-- What is kept of players lies by player, so what is in a slot is found by walking through the players.
SELECT max(player_id), count(*) FROM (
    SELECT player_id FROM player_numbers WHERE player_id > ?1 ORDER BY player_id LIMIT ?2
)
