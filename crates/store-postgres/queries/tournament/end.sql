UPDATE scoreline.tournaments SET ends_at = $2 WHERE tournament_id = $1
