-- Of an event of somebody else, it is said who sent it.
DELETE FROM scoreline.quarantine
WHERE player_id = $1 OR sent_by = 'player:' || $1
RETURNING discarded_at
