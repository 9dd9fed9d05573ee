-- What was decided before the bound of retention.
DELETE FROM scoreline.reviews WHERE decided_at < $1
