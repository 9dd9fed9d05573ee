-- An event that dies again keeps its place and counts its attempts.
INSERT INTO scoreline.dead_events AS known (
    event_time, event_id, player_id, event_type, received_at, counted_at, payload,
    reason, attempts, died_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
ON CONFLICT (event_time, event_id) DO UPDATE SET
    reason = excluded.reason, attempts = known.attempts + 1, died_at = excluded.died_at
RETURNING attempts
