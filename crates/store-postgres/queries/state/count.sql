UPDATE scoreline.store_counts SET
    last_stamp = greatest(last_stamp, $1),
    applied = applied + $2,
    duplicates = duplicates + $3,
    dead = dead + $4,
    quarantined = quarantined + $5,
    removed = removed + $6,
    last_receipt = greatest(last_receipt, $7),
    in_review = in_review + $8
WHERE shard = $9
