SELECT skeleton, nickname FROM blocked_names
WHERE rules <> ?1
ORDER BY skeleton
LIMIT ?2
