-- The id goes with the last step.
UPDATE scoreline.erasures SET player_id = NULL, finished_at = $2, receipt = $3 WHERE job_id = $1
