-- A node that has not heard of the latest epoch changes nothing.
INSERT INTO scoreline.clock_note AS known (id, epoch, last_at, offset_ms) VALUES (1, $1, $2, $3)
ON CONFLICT (id) DO UPDATE SET
    last_at = CASE WHEN excluded.epoch > known.epoch THEN excluded.last_at ELSE greatest(known.last_at, excluded.last_at) END,
    epoch = excluded.epoch,
    offset_ms = excluded.offset_ms
WHERE known.epoch <= excluded.epoch
