INSERT INTO scoreline.player_statistics (player_id, slots, amounts) VALUES ($1, $2, $3)
ON CONFLICT (player_id) DO UPDATE SET slots = excluded.slots, amounts = excluded.amounts
