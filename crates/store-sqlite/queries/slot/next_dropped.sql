SELECT slot, kind, swept_player FROM dropped_slots ORDER BY slot LIMIT 1
