-- An event that retention removed may come again.
INSERT INTO reviews (
    player_id, event_id, event_time, event_type, received_at, counted_at, content, payload, rule, reason, held_at,
    decided_at, accepted
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0)
ON CONFLICT (player_id, event_id) DO UPDATE SET
    event_time = excluded.event_time,
    event_type = excluded.event_type,
    received_at = excluded.received_at,
    counted_at = excluded.counted_at,
    content = excluded.content,
    payload = excluded.payload,
    rule = excluded.rule,
    reason = excluded.reason,
    held_at = excluded.held_at,
    decided_at = excluded.decided_at,
    accepted = 0,
    note = NULL
