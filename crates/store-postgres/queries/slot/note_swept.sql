UPDATE scoreline.dropped_slots SET swept_player = $2 WHERE slot = $1
