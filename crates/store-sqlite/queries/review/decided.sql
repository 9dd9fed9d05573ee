SELECT event_time, event_id, player_id, event_type, received_at, counted_at, content, payload,
       rule, reason, held_at, decided_at, accepted, note, review_no
FROM reviews
WHERE decided_at IS NOT NULL AND review_no < ?1
  AND (?2 IS NULL OR player_id = ?2) AND (?3 IS NULL OR rule = ?3)
  AND held_at < ?5 AND accepted = ?6
ORDER BY review_no DESC
LIMIT ?4
