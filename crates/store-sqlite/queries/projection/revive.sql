UPDATE projections
SET retired_at = NULL, meaning = ?2, slot = ?3, complete = ?4, pending = ?5
WHERE projection_no = ?1
