-- Those of some tickets that came back. Looked up one by one, as there are few.
SELECT k.player_id, k.run
FROM unnest($1::text[], $2::uuid[]) AS k (player_id, run)
WHERE EXISTS (
    SELECT 1 FROM scoreline.used_tickets t WHERE t.player_id = k.player_id AND t.run = k.run OFFSET 0
)
