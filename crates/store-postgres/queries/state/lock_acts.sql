-- Acts wait for this, and it for them: each updates the row first.
SELECT 1 FROM scoreline.store_state FOR NO KEY UPDATE
