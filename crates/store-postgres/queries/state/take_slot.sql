-- The one before is the slot that was taken.
UPDATE scoreline.store_state SET next_slot = next_slot + 1
