UPDATE scoreline.tournaments SET cancelled_at = $2 WHERE tournament_id = $1
