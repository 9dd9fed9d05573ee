INSERT OR REPLACE INTO figure_players (slot, grain_ms, start_at, event_type, players)
VALUES (?1, ?2, ?3, ?4, ?5)
