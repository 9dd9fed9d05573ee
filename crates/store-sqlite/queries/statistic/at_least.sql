-- Most events leave a maximum where it is; a row that does not change is not written.
INSERT INTO player_statistics (player_id, slot, value) VALUES (?1, ?2, ?3)
ON CONFLICT (player_id, slot) DO UPDATE SET value = excluded.value WHERE excluded.value > value
