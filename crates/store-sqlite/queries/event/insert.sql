INSERT INTO events (
    event_time, event_id, player_id, event_type, received_at, counted_at, applied_at, payload
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT DO NOTHING
