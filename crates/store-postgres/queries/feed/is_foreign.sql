-- Whether the feed is of a database with more transactions than this one has had: that of a dump.
SELECT EXISTS (
    SELECT 1 FROM scoreline.feed_state
    WHERE pg_snapshot_xmax(pruned) > pg_snapshot_xmax(pg_current_snapshot())
       OR pg_snapshot_xmax(next) > pg_snapshot_xmax(pg_current_snapshot())
) OR EXISTS (
    SELECT 1 FROM scoreline.changes WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
)
