-- A resend of a rejected event is the same entry, seen once more.
INSERT INTO quarantine (
    digest, item_index, event_type, player_id, event_id, code, field, message,
    received_at, sent_at, occurrence, raw, bytes, sent_by, times_seen
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 1)
ON CONFLICT (digest) DO UPDATE SET times_seen = times_seen + 1
RETURNING times_seen
