-- Nobody is to claim it by the name of the placeholder.
UPDATE scoreline.prizes SET prize_id = $2, player_id = $3, claimed_at = coalesce(claimed_at, $4) WHERE prize_id = $1
