INSERT INTO figure_players (slot, grain_ms, start_at, event_type, players)
SELECT ?2, grain_ms, start_at, event_type, players
FROM main.figure_players WHERE slot = ?1
