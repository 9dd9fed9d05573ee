-- What the dead events say that hold some keys, each with the place of its key.
SELECT k.place, d.event_type, d.content, d.payload
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS k (player_id, event_id, place)
CROSS JOIN LATERAL (
    SELECT d.event_type, d.content, d.payload FROM scoreline.dead_events d
    WHERE d.player_id = k.player_id AND d.event_id = k.event_id
    LIMIT 1
) AS d
