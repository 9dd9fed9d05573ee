UPDATE store_state SET
    last_stamp = max(last_stamp, ?1),
    applied = applied + ?2,
    duplicates = duplicates + ?3,
    dead = dead + ?4,
    quarantined = quarantined + ?5,
    removed = removed + ?6,
    last_receipt = coalesce(max(last_receipt, ?7), last_receipt, ?7),
    in_review = in_review + ?8
