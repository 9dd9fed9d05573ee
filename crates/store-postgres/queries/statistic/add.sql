-- In the order of keys, as board/add.sql.
INSERT INTO scoreline.player_statistics AS known (player_id, slot, value)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
ON CONFLICT (player_id, slot) DO UPDATE SET value = known.value + excluded.value
