-- In all slots, also of what was retired. The periods of each are found one by one.
WITH RECURSIVE slots (slot) AS (
    SELECT slot FROM projections
    UNION SELECT -projection_no FROM projections
    UNION SELECT filling_slot FROM projections WHERE filling_slot IS NOT NULL
    UNION SELECT slot FROM dropped_slots
), periods (slot, period) AS (
    SELECT s.slot, (SELECT max(period) FROM board_entries WHERE slot = s.slot) FROM slots s
    UNION ALL
    SELECT p.slot, (SELECT max(period) FROM board_entries WHERE slot = p.slot AND period < p.period)
    FROM periods p WHERE p.period IS NOT NULL
)
DELETE FROM board_entries
WHERE player_id = ?1 AND (slot, period) IN (SELECT slot, period FROM periods WHERE period IS NOT NULL)
