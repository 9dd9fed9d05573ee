-- The one before is the slot that was taken.
UPDATE store_state SET next_slot = next_slot + 1
