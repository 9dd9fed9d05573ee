UPDATE player_statistics
SET slots = json_remove(slots, found.place), amounts = json_remove(amounts, found.place)
FROM (
    SELECT s.player_id, '$[' || u.key || ']' AS place
    FROM player_statistics s JOIN json_each(s.slots) u
    WHERE s.player_id > ?1 AND s.player_id <= ?2 AND u.value = ?3
) AS found
WHERE player_statistics.player_id = found.player_id
