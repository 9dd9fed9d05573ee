-- What a transaction that writes must know first, read after its lock was granted.
SELECT plan_version,
       (SELECT max(last_stamp) FROM scoreline.store_counts),
       EXISTS (SELECT 1 FROM scoreline.dead_events),
       EXISTS (SELECT 1 FROM scoreline.voids),
       (SELECT key FROM scoreline.erasure_keys),
       EXISTS (SELECT 1 FROM scoreline.moved_players)
FROM scoreline.store_state
