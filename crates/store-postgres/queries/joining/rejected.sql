UPDATE scoreline.quarantine SET
    player_id = $2,
    sent_by = CASE WHEN sent_by = 'player:' || $1 THEN 'player:' || $2 ELSE sent_by END
WHERE player_id = $1
