UPDATE scoreline.store_state SET next_slot = next_slot + 1 RETURNING next_slot - 1
