-- As other stores know a player: by id.
SELECT p.player_id, s.slots, s.amounts
FROM player_state s JOIN player_numbers p ON p.player_no = s.player_no
WHERE s.slot = 0
