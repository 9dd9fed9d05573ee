-- The events keep their ids and their places.
UPDATE events SET player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?2)
WHERE player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?1)
