SELECT slot, kind, swept_player FROM scoreline.dropped_slots ORDER BY slot LIMIT 1
