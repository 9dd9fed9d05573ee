UPDATE scoreline.tournaments SET sealed_at = $2 WHERE tournament_id = $1
