-- An id that became the player who is erased. Its job is done: it is that of the player.
INSERT INTO erasures (job_id, tombstone, requested_at, finished_at, events, receipt) VALUES (?1, ?1, ?2, ?2, 0, ?3)
ON CONFLICT DO NOTHING
