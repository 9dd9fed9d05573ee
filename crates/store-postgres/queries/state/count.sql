UPDATE scoreline.store_counts SET
    last_stamp = greatest(last_stamp, $2),
    applied = applied + $3,
    duplicates = duplicates + $4,
    dead = dead + $5,
    quarantined = quarantined + $6,
    removed = removed + $7,
    last_receipt = greatest(last_receipt, $8)
WHERE shard = $1
