SELECT epoch, last_at, offset_ms FROM scoreline.clock_note
