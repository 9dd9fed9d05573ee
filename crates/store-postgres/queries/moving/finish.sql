-- Numbers that are given out from now on come after those that came along. What the planner knows
-- of the tables is that they were empty.
SELECT setval(pg_get_serial_sequence('scoreline.projections', 'projection_no'), max(projection_no))
FROM scoreline.projections;
SELECT setval(pg_get_serial_sequence('scoreline.dead_events', 'dead_no'), max(dead_no))
FROM scoreline.dead_events;
SELECT setval(pg_get_serial_sequence('scoreline.quarantine', 'quarantine_no'), max(quarantine_no))
FROM scoreline.quarantine;
SELECT setval(pg_get_serial_sequence('scoreline.reviews', 'review_no'), max(review_no))
FROM scoreline.reviews;
SELECT setval(pg_get_serial_sequence('scoreline.audit_log', 'audit_no'), max(audit_no))
FROM scoreline.audit_log;
ANALYZE scoreline.events, scoreline.event_keys, scoreline.dead_events, scoreline.quarantine, scoreline.board_entries,
    scoreline.player_statistics, scoreline.figures, scoreline.figure_players, scoreline.players,
    scoreline.tournaments, scoreline.prizes;
