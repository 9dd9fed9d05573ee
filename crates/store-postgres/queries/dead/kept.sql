-- The dead events that hold some keys, each with the place of its key. Of those that say the same, as nearly
-- all do, the payloads are not read.
SELECT k.place, d.event_time, d.event_id, d.player_id, d.event_type, d.received_at, d.counted_at, d.content,
       CASE WHEN d.content = k.content THEN '' ELSE d.payload END
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS k (player_id, event_id, content, place)
CROSS JOIN LATERAL (
    SELECT * FROM scoreline.dead_events d
    WHERE d.player_id = k.player_id AND d.event_id = k.event_id
    LIMIT 1
) AS d
