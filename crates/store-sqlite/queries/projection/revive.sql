-- In the slot that was taken last.
UPDATE projections
SET retired_at = NULL, meaning = ?2, complete = ?3, pending = ?4,
    slot = (SELECT next_slot - 1 FROM store_state)
WHERE projection_no = ?1
