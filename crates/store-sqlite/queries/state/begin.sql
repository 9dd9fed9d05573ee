-- What a transaction that applies events must know first.
SELECT plan_version, last_stamp, EXISTS (SELECT 1 FROM dead_events),
       EXISTS (SELECT 1 FROM voids), (SELECT key FROM erasure_keys),
       EXISTS (SELECT 1 FROM moved_players) FROM store_state
