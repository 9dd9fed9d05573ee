-- What was committed after a snapshot: $1 is its xmax, $2 what was in progress then. All of it in one statement, so that
-- what is read and the snapshot that takes the old one's place are of one moment. Without bodies if they are more than
-- $3 bytes together. There is always a row, whose xid is NULL where nothing was committed.
SELECT pg_current_snapshot()::text, s.pruned::text, c.bytes, c.xid::text,
    CASE WHEN c.bytes <= $3 THEN c.body END
FROM scoreline.feed_state s
LEFT JOIN LATERAL (
    SELECT n.xid, n.body, sum(octet_length(n.body)) OVER ()::bigint AS bytes
    FROM (
        SELECT xid, body FROM scoreline.changes WHERE xid >= $1::xid8
        UNION ALL
        SELECT xid, body FROM scoreline.changes WHERE xid = ANY ($2::xid8[])
    ) n
) c ON true
