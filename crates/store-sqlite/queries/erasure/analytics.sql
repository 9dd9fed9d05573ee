-- The counters stay: what the player gave is in those of the baseline by now.
DELETE FROM player_state WHERE player_no = (SELECT player_no FROM player_numbers WHERE player_id = ?1) AND slot IN (
    SELECT slot FROM projections
    UNION SELECT -projection_no FROM projections
    UNION SELECT filling_slot FROM projections WHERE filling_slot IS NOT NULL
    UNION SELECT slot FROM dropped_slots
)
