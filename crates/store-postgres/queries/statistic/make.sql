-- An empty row, so that there is one to be locked also of a player who has none.
INSERT INTO scoreline.player_statistics (player_id, slots, amounts) VALUES ($1, '{}', '{}')
ON CONFLICT (player_id) DO NOTHING
