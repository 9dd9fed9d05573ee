-- A tournament has one period, which begins in 1970.
UPDATE board_entries SET player_id = ?2
WHERE player_id = ?1 AND period = 0 AND slot IN (SELECT value FROM json_each(?3))
