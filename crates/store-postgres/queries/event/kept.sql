-- What the events say that hold some keys, each with the place of its key. A key that is noted, as its id
-- holds no time or held one that lay ahead, is looked for first. Payloads are told only where something else was written.
SELECT k.place, e.event_type, e.content, CASE WHEN e.content = k.content THEN '' ELSE e.payload END,
       e.received_at
FROM unnest($1::bigint[], $2::text[], $3::uuid[], $4::bigint[])
    WITH ORDINALITY AS k (key_time, player_id, event_id, content, place)
LEFT JOIN LATERAL (
    SELECT n.key_time FROM scoreline.event_keys n
    WHERE n.player_id = k.player_id AND n.event_id = k.event_id
    LIMIT 1
) AS n ON true
CROSS JOIN LATERAL (
    SELECT e.event_type, e.content, e.payload, e.received_at FROM scoreline.events e
    WHERE e.key_time = coalesce(n.key_time, k.key_time)
      AND e.player_id = k.player_id AND e.event_id = k.event_id
    LIMIT 1
) AS e
