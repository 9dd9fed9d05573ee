-- What was decided before the bound of retention.
DELETE FROM reviews WHERE decided_at < ?1
