-- When events of a player did not count.
SELECT event_id, voided_at, unvoided_at FROM scoreline.voids WHERE player_id = $1
