SELECT epoch, last_at, offset_ms FROM clock_note
