-- When events of a player did not count: all of them, as an act on a player folds all of theirs.
SELECT event_id, voided_at, unvoided_at FROM voids WHERE player_id = ?1
