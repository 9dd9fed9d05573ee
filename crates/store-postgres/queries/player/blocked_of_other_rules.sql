SELECT skeleton, nickname FROM scoreline.blocked_names
WHERE rules <> $1
ORDER BY skeleton
LIMIT $2
