-- Where the id holds no time, the event lies in the day of its receipt, and moves with it.
UPDATE scoreline.events e SET
    received_at = k.received_at, counted_at = k.counted_at, key_time = k.new_key_time
FROM unnest($1::bigint[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[])
    AS k (key_time, player_id, event_id, received_at, counted_at, new_key_time)
WHERE e.key_time = k.key_time AND e.player_id = k.player_id AND e.event_id = k.event_id
