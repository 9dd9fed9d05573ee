SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content, payload,
       held_at
FROM scoreline.reviews
WHERE player_id = $1 AND decided_at IS NULL
ORDER BY review_no
LIMIT $2
