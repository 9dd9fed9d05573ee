SELECT job_id, player_id FROM scoreline.erasures
WHERE finished_at IS NULL
ORDER BY requested_at, job_id
LIMIT $1
