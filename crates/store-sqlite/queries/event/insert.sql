INSERT INTO events (
    player_no, event_id, event_time, shape_no, received_at, counted_at, applied_at, content, payload
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT DO NOTHING
