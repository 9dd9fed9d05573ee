SELECT tombstone FROM erasures
WHERE tombstone > ?1
ORDER BY tombstone
LIMIT ?2
