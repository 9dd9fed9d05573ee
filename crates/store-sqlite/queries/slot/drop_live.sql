INSERT OR IGNORE INTO dropped_slots (slot, kind)
SELECT slot, kind FROM projections WHERE projection_no = ?1
