-- Of an event of somebody else, the message says who sent it.
DELETE FROM scoreline.quarantine
WHERE player_id = $1 OR (code = 'wrong_player' AND strpos(message, $1) > 0)
RETURNING discarded_at
