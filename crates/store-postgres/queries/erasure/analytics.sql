-- The counters stay: what the player gave is in those of the baseline by now.
DELETE FROM scoreline.player_analytics WHERE player_id = $1 AND slot IN (
    SELECT slot FROM scoreline.projections
    UNION SELECT -projection_no FROM scoreline.projections
    UNION SELECT filling_slot FROM scoreline.projections WHERE filling_slot IS NOT NULL
    UNION SELECT slot FROM scoreline.dropped_slots
)
