-- Forgets what was committed before a snapshot that is $1 milliseconds old, and notes that snapshot: who has heard all
-- that it shows misses nothing. Of several nodes, one does it.
WITH turned AS (
    UPDATE scoreline.feed_state
    SET pruned = next, next = pg_current_snapshot(), next_at = clock_timestamp()
    WHERE next_at <= clock_timestamp() - $1 * interval '1 millisecond'
    RETURNING pruned
)
DELETE FROM scoreline.changes c USING turned WHERE pg_visible_in_snapshot(c.xid, turned.pruned)
