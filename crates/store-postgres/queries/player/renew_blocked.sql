-- Where another block says the same by now, that one stays: player/drop_blocked.sql removes this.
UPDATE scoreline.blocked_names SET skeleton = $2, rules = $3
WHERE skeleton = $1
  AND NOT EXISTS (SELECT 1 FROM scoreline.blocked_names WHERE skeleton = $2 AND skeleton <> $1)
