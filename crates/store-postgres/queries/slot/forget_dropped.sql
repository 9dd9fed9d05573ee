DELETE FROM scoreline.dropped_slots WHERE slot = $1
