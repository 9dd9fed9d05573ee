-- What a store would have counted by itself.
UPDATE scoreline.store_counts SET
    applied = applied + $1, dead = dead + $2, quarantined = quarantined + $3, in_review = in_review + $4
WHERE shard = 0
