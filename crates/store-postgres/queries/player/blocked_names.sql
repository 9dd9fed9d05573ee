SELECT skeleton, nickname, blocked_at, note FROM scoreline.blocked_names
WHERE skeleton > $1
ORDER BY skeleton
LIMIT $2
