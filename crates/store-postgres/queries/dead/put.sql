-- An event that dies again keeps its place and counts its attempts.
INSERT INTO scoreline.dead_events AS known (
    player_id, event_id, event_time, event_type, received_at, counted_at, content, payload,
    reason, attempts, died_at, bytes
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11)
ON CONFLICT (player_id, event_id) DO UPDATE SET
    reason = excluded.reason, attempts = known.attempts + 1, died_at = excluded.died_at
RETURNING attempts
