-- As other stores know a player: by id.
SELECT a.slot, p.player_id, a.part, a.state
FROM player_analytics a JOIN player_numbers p ON p.player_no = a.player_no
