-- The events keep their ids, and so their days.
UPDATE scoreline.events SET player_id = $2 WHERE player_id = $1
