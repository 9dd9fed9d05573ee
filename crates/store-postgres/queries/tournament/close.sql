UPDATE scoreline.tournaments SET closed_at = $2, participants = $3 WHERE tournament_id = $1
