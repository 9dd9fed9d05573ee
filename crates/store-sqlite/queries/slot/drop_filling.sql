INSERT OR IGNORE INTO dropped_slots (slot, kind)
SELECT filling_slot, kind FROM projections
WHERE projection_no = ?1 AND filling_slot IS NOT NULL
