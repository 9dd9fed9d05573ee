-- An event that dies again keeps its place and counts its attempts. Of the times of its copies those stay that
-- were received first.
INSERT INTO scoreline.dead_events AS known (
    player_id, event_id, event_time, event_type, received_at, counted_at, content, payload,
    reason, attempts, died_at, bytes, sent_by
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12)
ON CONFLICT (player_id, event_id) DO UPDATE SET
    event_time = CASE WHEN excluded.received_at < known.received_at THEN excluded.event_time ELSE known.event_time END,
    counted_at = CASE WHEN excluded.received_at < known.received_at THEN excluded.counted_at ELSE known.counted_at END,
    received_at = least(known.received_at, excluded.received_at),
    reason = excluded.reason, attempts = known.attempts + 1, died_at = excluded.died_at
RETURNING attempts
