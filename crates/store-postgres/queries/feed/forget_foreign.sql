-- A database that was restored from a dump counts its transactions anew: what it brought of the feed is of others.
WITH foreign_state AS (
    UPDATE scoreline.feed_state
    SET pruned = pg_current_snapshot(), next = pg_current_snapshot(), next_at = clock_timestamp()
    WHERE pg_snapshot_xmax(pruned) > pg_snapshot_xmax(pg_current_snapshot())
       OR pg_snapshot_xmax(next) > pg_snapshot_xmax(pg_current_snapshot())
)
DELETE FROM scoreline.changes WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
