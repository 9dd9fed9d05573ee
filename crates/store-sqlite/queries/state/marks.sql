-- One of them is another when an event of a player was stored, removed, or counts as of another receipt, or an operator
-- has acted.
SELECT
    (SELECT count(*) FROM events WHERE player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?1)),
    removed, acts
FROM store_state
