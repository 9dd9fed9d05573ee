-- When events did not count, each with the place of its key. Looked up one by one, as there are few.
SELECT k.place, v.voided_at, v.unvoided_at
FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS k (player_id, event_id, place)
CROSS JOIN LATERAL (
    SELECT voided_at, unvoided_at FROM scoreline.voids
    WHERE player_id = k.player_id AND event_id = k.event_id
    OFFSET 0
) AS v
