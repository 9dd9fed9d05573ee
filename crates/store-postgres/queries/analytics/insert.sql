-- Answers which were not there yet, by their places.
WITH given AS (
    SELECT * FROM unnest($2::text[], $3::bigint[], $4::bytea[]) AS k (player_id, part, state)
)
INSERT INTO scoreline.player_analytics (slot, player_id, part, state)
SELECT $1, player_id, part, state FROM given
ON CONFLICT DO NOTHING
RETURNING player_id, part
