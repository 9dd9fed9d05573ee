-- In all slots, also of what was retired. The periods of each are found one by one.
WITH RECURSIVE slots (slot) AS (
    SELECT slot FROM scoreline.projections
    UNION SELECT -projection_no FROM scoreline.projections
    UNION SELECT filling_slot FROM scoreline.projections WHERE filling_slot IS NOT NULL
    UNION SELECT slot FROM scoreline.dropped_slots
), periods (slot, period) AS (
    SELECT s.slot, (SELECT max(period) FROM scoreline.board_entries WHERE slot = s.slot) FROM slots s
    UNION ALL
    SELECT p.slot,
        (SELECT max(period) FROM scoreline.board_entries WHERE slot = p.slot AND period < p.period)
    FROM periods p WHERE p.period IS NOT NULL
)
DELETE FROM scoreline.board_entries e USING periods p
WHERE e.slot = p.slot AND e.period = p.period AND e.player_id = $1
