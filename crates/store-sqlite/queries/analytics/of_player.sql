-- A player's parts in some slots.
SELECT slot, part, state FROM player_state
WHERE slot IN (SELECT value FROM json_each(?1)) AND player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?2)
