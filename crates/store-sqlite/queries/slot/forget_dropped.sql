DELETE FROM dropped_slots WHERE slot = ?1
