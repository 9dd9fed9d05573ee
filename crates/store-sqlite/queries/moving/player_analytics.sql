-- As other stores know a player: by id.
SELECT a.slot, p.player_id, a.part, a.state
FROM player_state a JOIN player_numbers p ON p.player_no = a.player_no
WHERE a.slot <> 0
